"""The moments an order falls into: where the conversation stands when the order is sent, and when it goes on.

A moment is drawn from the seed before anything happens; whether the order really fell there is known only afterwards
(`Stand.active`), and that is what is counted.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from bench.harness.clients import Answered
from bench.harness.customers import Customer, is_bots
from bench.harness.product import Product

#: A place not reached by then counts as missed; the machine may be busy with others' work.
_REACH_S = 30.0
_LOOK_S = 0.02


class Place(str, Enum):
    IDLE = "idle"  # nothing is under way
    IN_TURN = "in_turn"  # the dialogue has answered; nothing of it is committed
    IN_COMMIT = "in_commit"  # inside the turn's transaction: the order waits for the database
    CLAIMED = "between_claim_and_request"  # a send is claimed, its request not begun
    IN_REQUEST = "in_request"  # the request has arrived, and is not answered


MISSED = "missed"
_WEIGHTS = {Place.IDLE: 10, Place.IN_TURN: 22, Place.IN_COMMIT: 16, Place.CLAIMED: 30, Place.IN_REQUEST: 22}
_CLAIM_PLACES = (Place.CLAIMED, Place.IN_REQUEST)


@dataclass(frozen=True, kw_only=True)
class Moment:
    """`let_go_ms` after the order was sent the conversation goes on; or after it was committed, or answered."""

    place: Place
    let_go_ms: float
    after_commit: bool = False
    after_answer: bool = False
    think_ms: int = 0  # how long the dialogue awaits something; beyond 800 a typing sign is shown
    says: int = 1  # messages in the answer: the later ones wait in the outbox for the first


def draw(dice: random.Random) -> Moment:
    place = dice.choices(list(_WEIGHTS), weights=list(_WEIGHTS.values()))[0]
    think_ms = 1000 if dice.random() < 0.04 else dice.randrange(0, 25)
    says = 2 if dice.random() < 0.35 else 1
    if place is Place.IN_TURN and dice.random() < 0.7:
        return Moment(place=place, let_go_ms=dice.uniform(0, 15), after_answer=True, think_ms=think_ms, says=says)
    after_commit = place in _CLAIM_PLACES and dice.random() < 0.7
    let_go_ms = _let_go_ms(place, dice)
    return Moment(place=place, let_go_ms=let_go_ms, after_commit=after_commit, think_ms=think_ms, says=says)


def _let_go_ms(place: Place, dice: random.Random) -> float:
    if place is Place.IN_TURN:
        return dice.uniform(0, 40)  # a race: whoever commits first
    if place is Place.IN_COMMIT:
        return dice.uniform(10, 60)  # the whole database waits meanwhile
    chance = dice.random()
    if chance < 0.04:
        return dice.uniform(3300, 3600)  # longer than an order waits: it answers with what is in flight
    if chance < 0.05 and place is Place.CLAIMED:
        return dice.uniform(5200, 5500)  # past the claim's own time: the request must never begin
    return dice.uniform(0, 20) if chance < 0.15 else dice.uniform(20, 300)


class Stand(Protocol):
    """A conversation that stands, or will stand, at a place."""

    async def reached(self) -> bool: ...

    @property
    def active(self) -> bool:
        """It stands there at this moment."""
        ...

    async def let_go(self) -> None: ...


class _AtPoint:
    def __init__(self, product: Product, place: Place, customer: Customer) -> None:
        self._hold = product.points.hold(place.value, customer.conversation_id)

    async def reached(self) -> bool:
        return await self._hold.reached(_REACH_S)

    @property
    def active(self) -> bool:
        return self._hold.active

    async def let_go(self) -> None:
        self._hold.let_go()


class _InRequest:
    """The emulator holds its answers to this number back."""

    def __init__(self, product: Product, customer: Customer) -> None:
        self._product, self._number, self._since_ns = product, customer.number, time.monotonic_ns()
        self.active = False

    async def reached(self) -> bool:
        since_ns = self._since_ns
        found = await self._product.journal.arrived(
            self._number, lambda r: is_bots(r) and r.received_ns > since_ns, _REACH_S
        )
        self.active = found is not None
        return self.active

    async def let_go(self) -> None:
        self.active = False
        await self._product.emulator.faults(account=self._number, hold=False)


class _Idle:
    active = True

    async def reached(self) -> bool:
        return True

    async def let_go(self) -> None:
        """Nothing stands."""


@contextlib.asynccontextmanager
async def standing(product: Product, place: Place, customer: Customer) -> AsyncIterator[Stand]:
    """To be opened before the customer writes; nothing stands any more when it closes."""
    stand: Stand
    if place is Place.IDLE:
        stand = _Idle()
    elif place is Place.IN_REQUEST:
        await product.emulator.faults(account=customer.number, hold=True)
        stand = _InRequest(product, customer)
    else:
        stand = _AtPoint(product, place, customer)
    try:
        yield stand
    finally:
        await stand.let_go()


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """An order, and where it really fell. `waited`: it was committed while a claimed send was held, and was answered,
    with nothing in flight, only once that had gone on."""

    place: str
    answer: Answered
    waited: bool


async def order(
    stand: Stand, moment: Moment, send: Callable[[], Awaitable[Answered]], in_force: Callable[[], Awaitable[bool]]
) -> Ordered:
    """Sends the order while the conversation stands at its place, and lets it go when the moment says.

    `in_force`: whether the order is committed, asked of the product.
    """
    place = moment.place.value if stand.active else MISSED
    sending = asyncio.ensure_future(send())
    try:
        if moment.after_answer:
            await sending
        while moment.after_commit and not sending.done() and not await in_force():  # noqa: ASYNC110 -- asked, not told
            await asyncio.sleep(_LOOK_S)
        await asyncio.sleep(moment.let_go_ms / 1000)
        let_go_ns = time.monotonic_ns()
        await stand.let_go()
        answer = await sending
    finally:
        sending.cancel()
    held = moment.after_commit and place != MISSED
    waited = held and answer.in_flight == 0 and answer.answered_ns > let_go_ns
    return Ordered(place=place, answer=answer, waited=waited)
