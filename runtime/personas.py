"""As whom an operator writes to customers, where a channel shows that: made once, at their first message there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from conversation.account import Account
from conversation.errors import SendError
from runtime.abilities import Personas, ReachOf
from runtime.announcing import shown_name
from runtime.channel import WayOut
from runtime.clock import Clock
from store import personas
from store.database import Database
from store.personas import Persona

log = structlog.get_logger()

#: Where the channel made none, messages leave without until then.
_NOT_AGAIN_FOR = timedelta(minutes=10)


class PersonaBook:
    """Who writes matters more than as whom: whatever goes wrong here, the message leaves without a persona."""

    def __init__(
        self, db: Database, ways_out: Mapping[str, WayOut], reach_of: ReachOf, clock: Clock, portrait: str
    ) -> None:
        """`portrait`: where the channel finds the picture that stands beside the name; Messenger makes none without."""
        self._db, self._ways_out, self._reach_of, self._clock = db, ways_out, reach_of, clock
        self._portrait = portrait
        self._failed: dict[tuple[str, str], datetime] = {}

    async def of_message(self, account: Account, message_id: int) -> str | None:
        """Of the operator who wrote it."""
        if self._ability(account) is None:
            return None
        operator = await self._db.read(personas.writer_of, message_id)
        return await self.persona_for(account, operator) if operator else None

    async def persona_for(self, account: Account, operator: str) -> str | None:
        """The channel's id of the operator. Outside of any transaction: the first time it asks the channel."""
        ability = self._ability(account)
        if ability is None:
            return None
        shown_as = {"name": shown_name(operator), "picture_url": self._portrait}
        known = await self._db.read(personas.get, account.id, operator)
        if known is not None and known.shown_as == shown_as:
            return known.provider_id
        if not shown_as["name"] or self._rests(account, operator):
            return None
        return await self._make(ability, account, operator, Persona(provider_id="", shown_as=shown_as))

    def _ability(self, account: Account) -> Personas | None:
        way = self._ways_out.get(account.channel.value)
        return way.personas if way is not None and account.channel_settings.personas else None

    async def _make(self, ability: Personas, account: Account, operator: str, wanted: Persona) -> str | None:
        try:
            reach = await self._reach_of(account.id)
            provider_id = await ability.persona(reach, **wanted.shown_as)
        except SendError as error:
            self._failed[account.id, operator] = self._clock.now()
            log.warning("persona_not_made", account=account.id, code=error.error_code)
            return None
        made = Persona(provider_id=provider_id, shown_as=wanted.shown_as)
        await self._db.write(personas.put, account.id, operator, made)
        return provider_id

    def _rests(self, account: Account, operator: str) -> bool:
        failed = self._failed.get((account.id, operator))
        return failed is not None and self._clock.now() - failed < _NOT_AGAIN_FOR
