"""Processes of the runtime on one database, each with connections of its own; and Meta, who takes all it is given."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import itertools
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bench.nights.house import Clock, Cut, _Channel, _Dialogue
from conversation.arrivals import Arrival
from conversation.contact import Address
from conversation.message import Author
from runtime import joining, points
from runtime.accept import Entrance
from runtime.channel import Outgoing
from runtime.deliver import Claimed, Delivery
from runtime.ownership import Ownership
from runtime.settings import RuntimeSettings
from runtime.turn import Turns
from runtime.wake import Wake
from store import leases, mailbox, outbox
from store.database import Database
from store.leases import Holder
from store.vault import Vault

CHANNEL = "whatsapp"
SETTINGS = RuntimeSettings(typing_after_s=3600, take_settle_s=0.0, tries=3)
#: Rounds of one look at all that waits; what is not done by then never is.
_MOST_ROUNDS = 60
_PASSING_S = 15.0


class NeverDone(Exception):
    """The same is looked at again and again."""


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """A request as it came to Meta. `at`, `claimed_at`: places in the one order of all that is noted."""

    at: int
    claimed_at: int
    row: str
    text: str
    author: Author


class Meta(_Channel):
    """`tells`: what the next answer says of who was written to. `during`: runs while the next request is answered."""

    def __init__(self) -> None:
        super().__init__()
        self._count = itertools.count(1)
        self.arrived: list[Arrived] = []
        self.claimed_at: dict[str, int] = {}
        self.tells: Sequence[Address] = ()
        self.during: Callable[[], Awaitable[Any]] | None = None

    def now(self) -> int:
        return next(self._count)

    async def send(self, outgoing: Outgoing) -> str | None:
        outgoing.check()
        row = str(outgoing.opaque)
        told = Arrived(
            at=self.now(),
            claimed_at=self.claimed_at[row],
            row=row,
            text=str(outgoing.body.get("text")),
            author=outgoing.author,
        )
        self.arrived.append(told)
        during, self.during = self.during, None
        if during is not None:
            await during()
        if self.tells:
            outgoing.learn(self.tells)
            self.tells = ()
        return f"wamid.to.{row}.{told.at}"


class Places:
    """What happens where a process comes to a named place: once, and only where something was told to."""

    def __init__(self, meta: Meta) -> None:
        self._meta, self._loop = meta, asyncio.get_running_loop()
        self._told: dict[str, tuple[Callable[[], Awaitable[Any]] | None, float | None, bool]] = {}
        self.reached: set[str] = set()
        self.claims: dict[str, int] = {}
        self.begun: list[asyncio.Future[Any]] = []

    def at(
        self,
        place: str,
        deed: Callable[[], Awaitable[Any]] | None = None,
        *,
        beside_s: float | None = None,
        dies: bool = False,
    ) -> None:
        """`beside_s`: the process goes on after so long, whether the deed is done or waits for the database."""
        self._told[place] = (deed, beside_s, dies)

    def clear(self) -> None:
        self._told.clear()

    def __call__(self, place: str, conversation_id: str) -> None:
        if place == points.CLAIMED:
            self.claims[conversation_id] = self._meta.now()
        told = self._told.pop(place, None)
        if told is None:
            return
        deed, beside_s, dies = told
        self.reached.add(place)
        if deed is not None:
            running = asyncio.run_coroutine_threadsafe(_awaited(deed), self._loop)
            self.begun.append(asyncio.wrap_future(running, loop=self._loop))
            if beside_s is None:
                running.result(60)
            else:
                with contextlib.suppress(concurrent.futures.TimeoutError):
                    running.result(beside_s)
        if dies:
            raise Cut


async def _awaited(deed: Callable[[], Awaitable[Any]]) -> Any:
    return await deed()


class _Noted(Delivery):
    """As delivery is; what it claims is noted before the request is made."""

    meta: Meta
    places: Places

    async def _request(self, claimed: Claimed, deadline: Any) -> Any:
        self.meta.claimed_at[str(claimed.row.id)] = self.places.claims[claimed.row.conversation_id]
        return await super()._request(claimed, deadline)


class Gateway:
    """Gateway and worker of one machine. `die`: what it had in memory is gone, another of its house begins."""

    def __init__(self, name: str, db: Database, vault: Vault, clock: Clock, meta: Meta, places: Places) -> None:
        self.name, self.db = name, db
        self._vault, self._clock, self._meta, self._places = vault, clock, meta, places
        self._numbers = itertools.count(1)
        self.die()

    def die(self) -> None:
        channels: dict[str, Any] = {CHANNEL: self._meta}
        db, clock, wake = self.db, self._clock, Wake(self.db)
        self.holder = Holder(house=self.name, name=str(next(self._numbers)))
        self.entrance = Entrance(db, self._vault, channels, clock, wake, "verify", "secret")
        self.ownership = Ownership(db, self._vault, channels, clock, SETTINGS)
        self.turns = Turns(db, _Dialogue(db, clock), channels, clock, SETTINGS, self.holder)
        self.delivery = _Noted(db, self._vault, channels, wake, clock, SETTINGS, self.holder)
        self.delivery.meta, self.delivery.places = self._meta, self._places

    async def accept(self, *arrivals: Arrival) -> None:
        await self.entrance.accept(CHANNEL, arrivals)

    async def take_turns(self) -> None:
        """Until no mail waits that is this one's to take; then whoever else comes may have the conversations."""
        for _ in range(_MOST_ROUNDS):
            waiting = await self.db.read(mailbox.conversations_waiting, self._clock.now(), self.holder)
            if not waiting:
                await self.db.write(leases.give_back, self.holder)
                return
            for each in waiting:
                await self.turns.take(each.conversation_id)
        raise NeverDone("mail")

    async def deliver(self) -> None:
        """Until nothing is to be sent."""
        for _ in range(_MOST_ROUNDS):
            await self.delivery._settle_what_others_left()
            rows = await self.db.read(outbox.due, self._clock.now(), passing_unknown_after_s=_PASSING_S)
            if not rows:
                return
            for row in rows:
                await self.delivery._deliver(row)
        raise NeverDone("sends")

    async def look_after_the_unknown(self) -> None:
        await self.delivery._look_after_the_unknown()

    def wind(self, seconds: float) -> None:
        self._clock.wind(timedelta(seconds=seconds))


@contextlib.contextmanager
def killed() -> Iterator[None]:
    """A process that is killed writes nothing down."""
    put_back = joining.put_back
    joining.put_back = lambda *_: None  # type: ignore[assignment]
    try:
        yield
    finally:
        joining.put_back = put_back


@contextlib.contextmanager
def listening(places: Places) -> Iterator[None]:
    points.hook = places
    try:
        yield
    finally:
        points.hook = None
