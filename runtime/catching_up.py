"""After an outage: Messenger and Instagram have stopped telling us, so we subscribe again and fetch what we missed.

What the gateway knows is when it was last well, by pulses in the database: there are none while either was away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy.engine import Connection

from conversation.account import Account, AccountId
from conversation.errors import Refused, SendError
from conversation.said import say
from conversation.sync import SyncKind
from runtime.abilities import ReachOf, Subscription
from runtime.channel import WayOut
from runtime.clock import Clock
from runtime.outage import Outage
from store import accounts, pulses, syncs
from store.database import Database

log = structlog.get_logger()

_STEP_S = 15.0
_BEAT = timedelta(minutes=1)
#: Without a pulse for so long, webhooks may have been refused often enough to be lost.
_OUTAGE = timedelta(minutes=5)
#: A gateway that starts: nobody answered meanwhile, not even with a refusal.
_AWAY = timedelta(minutes=2)
#: What was under way when it began, and clocks that do not agree.
_MARGIN = timedelta(minutes=5)
_LOOK = timedelta(minutes=10)
#: A channel that has turned us off had met with failures for an hour before; by its own account of it no day has passed
#: unnoticed, so we ask for one: what is here already costs a question, and nothing else.
_TURNED_OFF = timedelta(hours=1)
_AT_LEAST = timedelta(hours=24)
_BY = "catch-up"
_GATEWAY = "gateway"


class CatchingUp:
    """Any number of gateways may run this: together they are well while one of them is."""

    def __init__(self, db: Database, ways_out: Mapping[str, WayOut], reach: ReachOf, clock: Clock) -> None:
        self._db, self._reach, self._clock = db, reach, clock
        self._subscriptions = {n: w.subscription for n, w in ways_out.items() if w.subscription is not None}
        self._begun = False
        self._tried: dict[AccountId, datetime] = {}

    async def run(self) -> None:
        """Until cancelled. While the database is away it waits, and knows so afterwards."""
        outage = Outage()
        while True:
            async with outage.survived():
                await self.look()
            await asyncio.sleep(_STEP_S)

    async def look(self) -> None:
        """Says that we are well, asks for what was missed if we were not, and whether we are still told."""
        now = self._clock.now()
        await self._db.write(self._beat, now, _OUTAGE if self._begun else _AWAY)
        self._begun = True
        for account in await self._db.read(self._to_be_asked, now):
            if now - self._tried.get(account.id, now - _BEAT) >= _BEAT:
                self._tried[account.id] = now
                await self._alone(account, now)

    def _beat(self, tx: Connection, now: datetime, allowed: timedelta) -> None:
        before = pulses.beat(tx, _GATEWAY, now, every=_BEAT)
        if before is None or now - before <= allowed:
            return
        log.warning("outage_noticed", minutes=round((now - before) / timedelta(minutes=1)))
        for account in self._told_by_their_channel(tx):
            if pulses.last(tx, _name_of(account)) is not None:
                syncs.ask(tx, account.id, SyncKind.GAP, by=_BY, now=now, since=before - _MARGIN)

    def _told_by_their_channel(self, tx: Connection) -> list[Account]:
        return [each for each in accounts.all_of(tx) if each.active and each.channel.value in self._subscriptions]

    def _to_be_asked(self, tx: Connection, now: datetime) -> list[Account]:
        """Those of whom nobody knows since a while whether we are told of them."""
        known = {each.id: pulses.last(tx, _name_of(each)) for each in self._told_by_their_channel(tx)}
        return [
            each
            for each in self._told_by_their_channel(tx)
            if each.fault is None and ((at := known[each.id]) is None or now - at >= _LOOK)
        ]

    async def make_sure(self, account: Account) -> bool:
        """Whether the channel tells us of this account, asked now; where it did not yet, it does from now on. False: it
        has stopped, and a sync is asked for that mends it. Raises `SendError`, or `Refused` where it can't be asked."""
        subscription = self._subscriptions.get(account.channel.value)
        if subscription is None:
            told = say("{channel} is not asked whether it tells us of an account.", channel=account.channel.value)
            raise Refused(told, code="no_subscription")
        return await self._ask(account, subscription, self._clock.now())

    async def _alone(self, account: Account, now: datetime) -> None:
        """One that can't be asked is asked again, and doesn't keep the others."""
        try:
            await self._ask(account, self._subscriptions[account.channel.value], now)
        except SendError as error:
            log.warning("subscription_unknown", account=account.id, error=str(error))

    async def _ask(self, account: Account, subscription: Subscription, now: datetime) -> bool:
        reach = await self._reach(account.id)
        is_on = await subscription.is_on(reach)
        was_told = await self._db.read(pulses.last, _name_of(account)) is not None
        if not is_on and not was_told:
            await subscription.turn_on(reach)  # for the first time: there is nothing that we should have heard
            log.info("subscribed", account=account.id)
        await self._db.write(self._write_down, account, now, is_on=is_on)
        return is_on or not was_told

    def _write_down(self, tx: Connection, account: Account, now: datetime, *, is_on: bool) -> None:
        before = pulses.beat(tx, _name_of(account), now)
        if not is_on and before is not None:
            log.warning("subscription_gone", account=account.id)  # the sync turns it on before it asks for anything
            since = min(before - _TURNED_OFF, now - _AT_LEAST) - _MARGIN
            syncs.ask(tx, account.id, SyncKind.GAP, by=_BY, now=now, since=since)


def is_told(tx: Connection, account: Account) -> bool:
    """Whether the channel has said before that it tells us of this account; where it has stopped, a sync is asked for
    that mends it."""
    return pulses.last(tx, _name_of(account)) is not None


def _name_of(account: Account) -> str:
    return f"told:{account.id}"
