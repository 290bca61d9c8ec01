"""Keeps access tokens that end: a new one is asked for in good time, again and again; one that is dead is told of."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.engine import Connection

from conversation.account import Account, AccountId
from conversation.errors import BadInput, SendError
from runtime.clock import Clock
from runtime.outage import Outage, written
from store import account_alerts, accounts, tokens
from store.database import Database
from store.tokens import Due
from store.vault import Vault

log = structlog.get_logger()

#: Times are days; whoever adds an account waits for nothing here.
_LOOK_S = 30.0
#: While one asks, nobody else does; who ends meanwhile is stood in for after so long.
_CLAIM = timedelta(minutes=5)
_SHORTEST_WAIT, _LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=12)
_DEAD = "token_dead"
#: Meta's answers to a token that nothing brings back [Graph docs: error codes].
_DEAD_CODES = frozenset({190, 102, 0})
_FAULT = "Instagram no longer takes this account's token: connect it again, or set a new token."


@dataclass(frozen=True, kw_only=True)
class FreshToken:
    """`good_for_s`: None where the channel does not say."""

    value: str
    good_for_s: float | None

    def expires_at(self, now: datetime) -> datetime | None:
        return None if self.good_for_s is None else now + timedelta(seconds=self.good_for_s)


#: Asks for a new token with the old one, for an account that is emulated or not. Raises `SendError`.
Refresh = Callable[[str, bool], Awaitable[FreshToken]]


class TokenKeeper:
    """Any number of processes may run this: whoever is first puts it off for the others."""

    def __init__(self, db: Database, vault: Vault, clock: Clock, refresh: Refresh) -> None:
        self._db, self._vault, self._clock, self._refresh = db, vault, clock, refresh

    async def run(self) -> None:
        """Until cancelled. While the database is away it waits."""
        outage = Outage()
        while True:
            async with outage.survived():
                await self.look()
            await asyncio.sleep(_LOOK_S)

    async def look(self) -> None:
        """Renews all that is due now."""
        if await self._db.read(tokens.unscheduled):
            await self._db.write(tokens.schedule, self._clock.now())
        try:
            waiting = await self._db.read(tokens.due, self._vault, self._clock.now())
        except BadInput as fault:  # sealed with a key that is not here; whoever sends for it says so too
            log.error("token_unreadable", error=str(fault))
            return
        for found in waiting:
            if await self._db.write(tokens.put_off, found, self._clock.now() + _CLAIM):
                await self._renew(found)

    async def renew(self, account_id: AccountId) -> Account | None:
        """Now, because somebody asks for it; None where there is no token. What Instagram refuses is a `SendError`, and
        changes nothing: a token that is a day old at most is refused too, and is none the worse."""
        found: Due | None = await self._db.read(tokens.of_account, self._vault, account_id)
        if found is None:
            return None
        fresh = await self._refresh(found.token, found.account.emulated)
        await written(self._db, functools.partial(self._renewed, found=found, fresh=fresh))
        renewed: Account = await self._db.read(accounts.get, account_id)
        return renewed

    async def _renew(self, found: Due) -> None:
        try:
            fresh = await self._refresh(found.token, found.account.emulated)
        except SendError as error:
            await written(self._db, functools.partial(self._failed, found=found, error=error))
            return
        await written(self._db, functools.partial(self._renewed, found=found, fresh=fresh))

    def _renewed(self, tx: Connection, found: Due, fresh: FreshToken) -> None:
        now = self._clock.now()
        until, which = fresh.expires_at(now), found.account.id
        saved = tokens.save(tx, self._vault, which, fresh.value, expires_at=until, now=now, in_place_of=found.sealed)
        log.info("token_renewed" if saved else "token_was_replaced", account=which)

    def _failed(self, tx: Connection, found: Due, error: SendError) -> None:
        now, account = self._clock.now(), found.account
        ends_at = account.token_expires_at
        if error.error_code not in _DEAD_CODES and (ends_at is None or now < ends_at):
            tokens.again(tx, found, now + wait_before_next(ends_at, now))
            log.warning("token_not_renewed", account=account.id, code=error.error_code)
        elif tokens.dead(tx, found, _FAULT):
            account_alerts.raise_fault(tx, account, reason=_DEAD, now=now)
            log.error("token_dead", account=account.id, code=error.error_code)


def wait_before_next(ends_at: datetime | None, now: datetime) -> timedelta:
    """As long again as it has been tried for, which needs no count that a restart would lose."""
    tried_for = _SHORTEST_WAIT if ends_at is None else now - (ends_at - tokens.SPARE)
    return min(max(tried_for, _SHORTEST_WAIT), _LONGEST_WAIT)
