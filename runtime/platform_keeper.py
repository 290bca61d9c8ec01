"""Asks day by day what a platform says of each number, its templates, its token; sooner, where news say so."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy.engine import Connection

from conversation.account import Account, Channel
from conversation.errors import BatonError, SendError
from conversation.platform_facts import PlatformFacts
from runtime.abilities import ReachOf, Token
from runtime.businesses import Businesses
from runtime.channel import WayOut
from runtime.clock import Clock
from runtime.outage import Outage
from store import account_alerts, account_meta, accounts, notices, pauses, tokens
from store.database import Database
from store.vault import Vault

log = structlog.get_logger()

_LOOK_S = 30.0
_EVERY, _AGAIN_AFTER = timedelta(days=1), timedelta(hours=1)
#: While one asks, nobody else does; who ends meanwhile is stood in for after so long.
_CLAIM = timedelta(minutes=10)
#: Somebody is told when so much is left of a token, once each.
_WARNINGS = (timedelta(days=1), timedelta(days=7))
_DEAD_CODES = frozenset({190, 102, 0})
_DEAD, _ENDS = "token_dead", "token_ends"
_FAULT = "Meta no longer takes this account's token: set a new one."
_STOPPED_FOR = timedelta(minutes=15)


class PlatformKeeper:
    """Any number of processes may run this: whoever is first puts it off for the others."""

    def __init__(
        self,
        db: Database,
        vault: Vault,
        ways_out: Mapping[str, WayOut],
        reach: ReachOf,
        businesses: Businesses,
        clock: Clock,
    ) -> None:
        self._db, self._vault, self._ways_out = db, vault, ways_out
        self._reach, self._businesses, self._clock = reach, businesses, clock

    async def run(self) -> None:
        """Until cancelled. Nobody waits for it: what has just started has other things to do first."""
        outage = Outage()
        while True:
            await asyncio.sleep(_LOOK_S)
            async with outage.survived():
                await self.look()

    async def look(self) -> None:
        """Asks about all that are due now."""
        for name, way_out in self._ways_out.items():
            if way_out.business is None:
                continue
            for account in await self._db.read(account_meta.due, Channel(name), self._clock.now()):
                if await self._db.write(self._claim, account):
                    await self._ask(account)

    def _claim(self, tx: Connection, account: Account) -> bool:
        until = self._clock.now() + _CLAIM
        taken = False

        def take(facts: PlatformFacts) -> PlatformFacts:
            nonlocal taken
            taken = facts.refresh_at == account.meta.refresh_at
            return dataclasses.replace(facts, refresh_at=until) if taken else facts

        account_meta.change(tx, account.id, take)
        return taken

    async def _ask(self, account: Account) -> None:
        """Of three things, as far as each is to be had."""
        again_after, asked_at = _EVERY, self._clock.now()
        found: tokens.Due | None = None
        try:
            found = await self._db.read(tokens.of_account, self._vault, account.id)
            await self._businesses.facts(account)
            if account.channel_settings.waba_id is not None:
                await self._businesses.sync(account)
        except BatonError as error:
            again_after = _AGAIN_AFTER
            log.info("platform_not_asked", account=account.id, error=type(error).__name__)
            is_dead = isinstance(error, SendError) and error.error_code in _DEAD_CODES and not error.unknown
            if is_dead and found is not None:
                await self._db.write(self._is_refused, found)
        try:
            await self.ask_token(account)
        except BatonError as error:
            log.info("token_not_asked", account=account.id, error=type(error).__name__)
        await self._db.write(self._ask_again, account, asked_at, again_after)

    async def ask_token(self, account: Account) -> Token | None:
        """Until when its token is good, which is written down; one that ends soon, or has ended, is told of."""
        way_out, found = (
            self._ways_out[account.channel.value],
            await self._db.read(tokens.of_account, self._vault, account.id),
        )
        if way_out.business is None or found is None:
            return None
        told = await way_out.business.token(dataclasses.replace(await self._reach(account.id), token=found.token))
        if told is not None:
            await self._db.write(self._learn, found, told)
        return told

    def _learn(self, tx: Connection, found: tokens.Due, told: Token) -> None:
        if not tokens.learnt(tx, found, told.expires_at):
            return  # another was set meanwhile, and nobody has asked about that one
        if not told.valid:
            self._is_dead(tx, found.account.id)
        elif told.expires_at is not None:
            self._warn(tx, found.account, told.expires_at)

    def _is_refused(self, tx: Connection, found: tokens.Due) -> None:
        if tokens.is_still_there(tx, found):
            self._is_dead(tx, found.account.id)

    def _warn(self, tx: Connection, account: Account, ends_at: datetime) -> None:
        now = self._clock.now()
        near = next((each for each in _WARNINGS if ends_at - now <= each), None)
        if near is None:
            return
        warning = f"{ends_at.isoformat()} {near.days}"
        if account_meta.change(tx, account.id, lambda facts: facts).token_warned == warning:
            return
        account_meta.change(tx, account.id, lambda facts: dataclasses.replace(facts, token_warned=warning))
        account_alerts.raise_fault(tx, account, reason=_ENDS, now=now)
        log.warning("token_ends", account=account.id, days=(ends_at - now).days)

    def _is_dead(self, tx: Connection, account_id: str) -> None:
        now, account = self._clock.now(), accounts.get(tx, account_id)
        if pauses.pause(tx, account.id, now + _STOPPED_FOR, fault=_FAULT):
            account_alerts.raise_fault(tx, account, reason=_DEAD, now=now)
            notices.add(tx, "account", None, {"account": account.id, "fault": _FAULT}, now)
            log.error("token_dead", account=account.id)

    def _ask_again(self, tx: Connection, account: Account, asked_at: datetime, after: timedelta) -> None:
        """News that came meanwhile, and want it sooner, stand."""
        account_meta.change(
            tx,
            account.id,
            lambda facts: (
                facts
                if facts.refresh_at is not None and facts.refresh_at <= asked_at
                else dataclasses.replace(facts, refresh_at=asked_at + after)
            ),
        )
