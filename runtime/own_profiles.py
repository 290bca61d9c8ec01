"""Who our own accounts are where the channel tells: asked while somebody looks, and remembered for a few minutes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from conversation.account import Account, AccountId
from conversation.errors import BatonError, Refused
from conversation.said import say
from runtime.abilities import OwnProfile, ReachOf
from runtime.channel import WayOut
from runtime.clock import Clock
from runtime.within import within

log = structlog.get_logger()

_FRESH = timedelta(minutes=10)
#: A list does not wait longer for what only adorns it.
_WITHIN_S = 2.0


@dataclass(frozen=True, kw_only=True)
class _Known:
    profile: OwnProfile | None
    at: datetime


class OwnProfiles:
    """Each process has its own memory of them: nothing is decided on what stands here."""

    def __init__(self, ways_out: Mapping[str, WayOut], reach: ReachOf, clock: Clock) -> None:
        self._ways_out, self._reach, self._clock = ways_out, reach, clock
        self._known: dict[AccountId, _Known] = {}

    async def of(self, accounts: Sequence[Account]) -> dict[AccountId, OwnProfile]:
        """Those that are known; who is not has not been told of in time."""
        await asyncio.gather(*(self._look(each) for each in accounts if self._is_due(each)))
        found = {each.id: self._known[each.id].profile for each in accounts if each.id in self._known}
        return {account_id: profile for account_id, profile in found.items() if profile is not None}

    async def ask(self, account: Account) -> OwnProfile:
        """As it is now. Raises `SendError`, or `Refused` where the channel tells nobody."""
        way_out = self._ways_out.get(account.channel.value)
        if way_out is None or way_out.own is None:
            told = say("{channel} does not tell what an account is called.", channel=account.channel.value)
            raise Refused(told, code="no_profile")
        found = await way_out.own.own_profile(await self._reach(account.id))
        self._known[account.id] = _Known(profile=found, at=self._clock.now())
        return found

    def _is_due(self, account: Account) -> bool:
        way_out, known = self._ways_out.get(account.channel.value), self._known.get(account.id)
        asks = way_out is not None and way_out.own is not None and account.active and account.fault is None
        return asks and (known is None or self._clock.now() - known.at >= _FRESH)

    async def _look(self, account: Account) -> None:
        """What can't be had now is not asked for again at once."""
        before = self._known.get(account.id)
        try:
            await within(_WITHIN_S, self.ask(account))
        except (
            BatonError,
            asyncio.TimeoutError,
        ) as error:  # a key that is not here, too: the list is shown all the same
            log.info("own_profile_unknown", account=account.id, error=type(error).__name__)
            self._known[account.id] = _Known(profile=before.profile if before else None, at=self._clock.now())
