"""What a channel keeps of the business behind an account: asked while somebody looks, and remembered for minutes.

Each process has its own memory of it: nothing is decided on what stands here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from conversation.account import Account, AccountId
from conversation.errors import BadInput, Refused
from conversation.said import say
from runtime import asking_channels
from runtime.abilities import Business, ReachOf, Template
from runtime.channel import WayOut
from runtime.clock import Clock

log = structlog.get_logger()

_FRESH = timedelta(minutes=5)
#: What could not be had is not asked for again at once: each try may take as long as a page waits.
_AGAIN_AFTER = timedelta(seconds=30)
_WITHIN_S = 8.0


@dataclass(frozen=True, kw_only=True)
class _Known:
    business_id: str
    templates: Sequence[Template]
    until: datetime


class Businesses:
    def __init__(self, ways_out: Mapping[str, WayOut], reach: ReachOf, clock: Clock) -> None:
        self._ways_out, self._reach, self._clock = ways_out, reach, clock
        self._known: dict[AccountId, _Known] = {}

    async def profile(self, account: Account) -> Mapping[str, Any]:
        """Empty where the channel has none, or does not tell now."""
        business = self._business(account)
        if business is None:
            return {}
        try:
            return await asking_channels.answered(business.profile(await self._reach(account.id)), within_s=_WITHIN_S)
        except Refused as refused:
            log.info("business_profile_unknown", account=account.id, code=refused.code)
            return {}

    async def templates(self, account: Account) -> Sequence[Template]:
        """Those that are known, at most some minutes old; none where the channel has none, or does not tell."""
        business_id, known = account.channel_settings.waba_id, self._known.get(account.id)
        if self._business(account) is None or business_id is None:
            return ()
        if known is not None and known.business_id == business_id and self._clock.now() < known.until:
            return known.templates
        try:
            return await self.fetch_templates(account)
        except Refused as refused:
            log.info("templates_unknown", account=account.id, code=refused.code)
            before = known.templates if known is not None and known.business_id == business_id else ()
            self._keep(account, business_id, before, _AGAIN_AFTER)
            return before

    async def fetch_templates(self, account: Account) -> Sequence[Template]:
        """As they are now. `Refused` where the channel does not go along."""
        business, business_id = self._business(account), account.channel_settings.waba_id
        if business is None:
            raise BadInput(say("{channel} has no templates to fetch.", channel=account.channel.value))
        if business_id is None:
            told = say("Give {account} the id of the business account that has its templates.", account=account.name)
            raise BadInput(told)
        asking = business.templates(await self._reach(account.id), business_id)
        found = await asking_channels.answered(asking, within_s=_WITHIN_S)
        self._keep(account, business_id, found, _FRESH)
        return found

    def _keep(self, account: Account, business_id: str, found: Sequence[Template], good_for: timedelta) -> None:
        until = self._clock.now() + good_for
        self._known[account.id] = _Known(business_id=business_id, templates=tuple(found), until=until)

    def _business(self, account: Account) -> Business | None:
        way_out = self._ways_out.get(account.channel.value)
        return None if way_out is None else way_out.business
