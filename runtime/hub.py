"""One reader of notices for all sockets of a gateway: what is new is read once, and the newest of it is kept at hand.

Each socket has a number up to which it was told, and no queue: one that is slow falls behind what is kept here, and
reads from the database by itself. So none holds up another, and none takes more memory than another.
"""

from __future__ import annotations

import asyncio
import bisect
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from sqlalchemy.engine import Connection

from conversation.people import Operator, needs_touch
from runtime import presence, wake
from runtime.bus import Bus
from runtime.clock import Clock
from runtime.presence import Look, Presence
from runtime.wake import Wake
from store import feed, people, standing
from store.database import Database
from store.standing import Standing

log = structlog.get_logger()

#: So often a socket's right to be told is looked at, whatever happens: what a lost ring costs at most.
TICK_S = 0.8
#: At least so long between two looks.
_PAUSE_S = 0.01
_MOST_EVENTS = 1000
_MOST_BYTES = 8 * 1024 * 1024
#: What a socket is given at once.
_BATCH = 200
#: Sockets that may read from the database by themselves at the same time.
_READERS = 2


class Event(Protocol):
    """A notice, ready to be told. `size`: about what it takes in memory."""

    @property
    def number(self) -> int: ...

    @property
    def size(self) -> int: ...


Dress = Callable[[Connection, Sequence[Mapping[str, Any]]], Sequence[Any]]


class Member(Protocol):
    """A socket, as the hub knows it. `bell` is set when there may be something for it."""

    key: str
    token_id: str
    operator: Operator  # as they were when they came
    bell: asyncio.Event

    def whisper(self, kind: str, facts: Mapping[str, Any]) -> None:
        """Something that nobody keeps: said now, or never."""
        ...

    def watch(self) -> None:
        """Called now and then: whoever takes nothing for too long is hung up on."""
        ...

    def look(self) -> Look: ...


@dataclass(frozen=True, kw_only=True)
class Batch:
    """`last`: where to go on. `anew`: what came next is kept no longer."""

    events: Sequence[Any]
    last: int
    anew: bool = False


class Hub:
    def __init__(self, db: Database, bells: Wake, clock: Clock, bus: Bus, dress: Dress) -> None:
        self._db, self._wake, self._clock, self._bus, self._dress = db, bells, clock, bus, dress
        self.presence = Presence(bus, self._tell_presence)
        self.standing = Standing()
        self._members: dict[str, Member] = {}
        self._ring: list[Any] = []
        self._floor: int | None = None  # all that came after this number is in the ring
        self._last = 0
        self._bell = asyncio.Event()
        self._reading = asyncio.Semaphore(_READERS)
        self._ticked_at = self._said_at = 0.0

    async def run(self) -> None:
        """Until cancelled."""
        with contextlib.ExitStack() as stack:
            self._bell = stack.enter_context(self._wake.listening())
            for topic, heard in (
                (presence.TOPIC, self.presence.heard),
                ("typing", self._typing),
                ("revoked", self._revoked),
            ):
                stack.enter_context(self._bus.listening(topic, heard))
            while True:
                try:
                    await self._look()
                    await self._tick()
                except Exception as error:  # the database is gone: the sockets wait for it, as everybody does
                    log.warning("feed_not_read", error=type(error).__name__)
                await asyncio.sleep(_PAUSE_S)
                await wake.wait(self._bell, TICK_S)

    def join(self, member: Member) -> None:
        self._members[member.key] = member
        self._bell.set()

    async def leave(self, member: Member) -> None:
        self._members.pop(member.key, None)
        if member.look().conversation is not None:
            await self.presence.say(member.key, Look(operator=member.operator.name, conversation=None, account=None))

    def count(self, operator: str) -> int:
        """How many sockets of this gateway they have."""
        return sum(member.operator.name == operator for member in self._members.values())

    def knows(self, member: Member) -> bool:
        """Whether what they may see was read since they came."""
        return member.token_id in self.standing.asked

    def operator_of(self, member: Member) -> Operator | None:
        """Who follows there, as they are now; None: they may no longer."""
        return self.standing.of(member.token_id) if self.knows(member) else member.operator

    async def after(self, number: int) -> Batch:
        """What comes next; nothing where there is nothing yet, or nothing of which it was read who may see it."""
        if self._floor is None:
            return Batch(events=(), last=number)
        if number >= self._floor:
            start = bisect.bisect_right(self._ring, number, key=_number)
            events = self._ring[start : start + _BATCH]
            return Batch(events=events, last=events[-1].number if events else number)
        async with self._reading:
            return await self._db.read(self._read_alone, number, self._last)

    def _read_alone(self, tx: Connection, number: int, last: int) -> Batch:
        """No further than `last`: who may see what came later, or no longer, is not read yet."""
        told = feed.after(tx, number, limit=1)
        if told.anew or not told.items:
            return Batch(events=(), last=told.last, anew=told.anew)
        rows = [row for row in feed.read(tx, number, limit=_BATCH) if row["id"] <= last]
        return Batch(events=self._dress(tx, rows), last=rows[-1]["id"] if rows else number)

    async def _look(self) -> None:
        if not self._members:
            self._ring, self._floor, self.standing = [], None, Standing()  # rights, too, are read anew for who comes
            return
        more = True
        while more:
            tokens = {member.token_id for member in self._members.values()}
            before = self.standing
            self.standing, last, events = await self._db.read(self._read, tokens, self._floor, self._last)
            more = len(events) == feed.AT_MOST
            self._keep(events, last)
            self._compare(before)
            for_all, came = events or before.owners != self.standing.owners, self.standing.asked - before.asked
            if for_all or came:
                for member in self._members.values():
                    if for_all or member.token_id in came:
                        member.bell.set()

    def _read(
        self, tx: Connection, tokens: set[str], floor: int | None, last: int
    ) -> tuple[Standing, int, Sequence[Any]]:
        """In one snapshot: nobody is told of what they may not see at the moment it is read in."""
        found = standing.read(tx, tokens, self._clock.now())
        if floor is None:
            return found, feed.newest(tx), ()
        rows = feed.read(tx, last)
        return found, rows[-1]["id"] if rows else last, self._dress(tx, rows) if rows else ()

    def _keep(self, events: Sequence[Any], last: int) -> None:
        if self._floor is None:
            self._floor = last
            for member in self._members.values():
                member.bell.set()
        self._last = last
        self._ring.extend(events)
        size, many = 0, 0
        for event in reversed(self._ring):
            size, many = size + event.size, many + 1
            if many > _MOST_EVENTS or size > _MOST_BYTES:
                break
        else:
            return
        cut = len(self._ring) - many + 1
        self._floor = self._ring[cut - 1].number
        del self._ring[:cut]

    def _compare(self, before: Standing) -> None:
        """Who came, went, or was given other accounts since the last look is told of."""
        if not before.asked:
            return
        for name, operator in self.standing.operators.items():
            was = before.operators.get(name)
            if was is None or was.presence is not operator.presence:
                self._tell_presence(name)

    def _tell_presence(self, name: str) -> None:
        for member in self._members.values():
            member.whisper("presence", {"operator": name})

    def _typing(self, facts: Mapping[str, Any]) -> None:
        for member in self._members.values():
            if member.operator.name != facts["operator"]:
                member.whisper("typing", facts)

    def _revoked(self, _: Mapping[str, Any]) -> None:
        self._bell.set()

    async def _tick(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._ticked_at < TICK_S:
            return
        self._ticked_at = now
        for member in list(self._members.values()):
            member.watch()
        self.presence.forget_old()
        await self._seen()
        if now - self._said_at >= presence.SAY_EVERY_S:
            self._said_at = now
            for member in list(self._members.values()):
                if member.look().conversation is not None:
                    await self.presence.say(member.key, member.look())

    async def _seen(self) -> None:
        """Whoever has a socket open is there, as whoever asks for something is."""
        now = self._clock.now()
        here = [self.operator_of(member) for member in self._members.values()]
        stale = {each.name for each in here if each is not None and needs_touch(each, now)}
        if stale:
            await self._db.write(_all_seen, sorted(stale), now)


def _all_seen(tx: Connection, names: Sequence[str], now: Any) -> None:
    for name in names:
        people.seen(tx, name, now)


def _number(event: Any) -> int:
    return int(event.number)
