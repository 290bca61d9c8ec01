"""Who works in the shop: shifts, what they do with what they have, and how some of them vanish."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bench.nights.house import House
from conversation.conversation import HandoverState, Status
from conversation.errors import BatonError
from conversation.people import Presence
from store import people, queue
from store.database import Database
from store.tables import conversations

_HAS = sa.select(conversations).where(
    conversations.c.owner == sa.bindparam("who"), conversations.c.state == HandoverState.HUMAN.value
)


@dataclass(kw_only=True)
class Person:
    """`there`: what is true of them; the house knows only what it was told, and when it saw them last."""

    name: str
    comes: datetime
    goes: datetime
    vanishes_at: datetime | None = None  # without a word
    removed_at: datetime | None = None
    there: bool = False
    removed: bool = False

    async def live(self, house: House, db: Database, now: datetime, dice: random.Random) -> None:
        """One step of their day."""
        if self.removed:
            return
        if self.removed_at is not None and now >= self.removed_at:
            await house.ownership.remove_operator(self.name)
            self.there, self.removed = False, True
        elif self.there and self.vanishes_at is not None and self.vanishes_at <= now:
            self.there = False
        elif self.there and now >= self.goes:
            self.there = False
            await house.ownership.set_presence(self.name, Presence.OFFLINE)
        elif not self.there and self.comes <= now < (self.vanishes_at or self.goes):
            self.there = True
            await house.ownership.set_presence(self.name, Presence.ONLINE)
        if self.there:
            await self._work(house, db, now, dice)

    async def _work(self, house: House, db: Database, now: datetime, dice: random.Random) -> None:
        mine, next_ones = await db.write(_look, self.name, now)
        for row in mine:
            await _touch(house, row, self.name, now, dice)
        for waits in next_ones if len(mine) < 8 else ():
            await _trying(house.ownership.take(waits, by=self.name))


async def _touch(house: House, row: Any, name: str, now: datetime, dice: random.Random) -> None:
    """Answers, ends, or puts off; and now and then lets somebody wait."""
    chance = dice.random()
    if row.waiting_since is not None:
        if chance < 0.85:
            await _trying(house.ownership.reply(row.id, "op: sim", by=name))
        return
    if row.status == Status.SNOOZED.value:
        return
    if chance < 0.25:
        await _trying(house.ownership.release(row.id, by=name))
    elif chance < 0.4:
        await _trying(house.ownership.resolve(row.id, by=name))
    elif chance < 0.5:
        await _trying(house.ownership.close(row.id, by=name))
    elif chance < 0.53:
        await _trying(house.ownership.snooze(row.id, by=name, until=now + timedelta(hours=dice.choice((1, 14)))))


async def _trying(order: Any) -> None:
    """What is refused was somebody else's first, or the window is closed: as it may be."""
    with contextlib.suppress(BatonError):
        await order


def _look(tx: Connection, name: str, now: datetime) -> tuple[Sequence[Any], Sequence[str]]:
    """As the desk does: what they have, who waits; and they were seen."""
    people.seen(tx, name, now)
    return tx.execute(_HAS, {"who": name}).all(), [each.conversation.id for each in queue.waiting(tx, now, limit=3)]
