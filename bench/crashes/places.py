"""Where a process is killed: the places on the path of a message, and how to know that it stands there."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from bench.crashes.fleet import Said, Writer
from bench.crashes.ledger import Ledger
from bench.harness.points import Hold
from bench.harness.product import Product
from runtime import points

#: A place not reached by then is tried again with another customer; the other process may be coming up.
_REACH_S = 40.0
_FACT_S = 5.0
_LOOK_S = 0.02


class Place(str, Enum):
    BEFORE_ACCEPT = "before_accept"  # a webhook is verified; nothing of it is committed
    IN_ACCEPT = "in_accept"  # inside the transaction that accepts it
    ACCEPTED = "after_accept"  # committed; Meta has not got its 200
    BEGUN = "after_begin"  # a turn is begun; nobody has thought yet
    IN_TURN = "in_turn"  # the dialogue has answered, and acted outside; nothing is committed
    IN_COMMIT = "in_commit"  # inside the turn's transaction
    COMMITTED = "after_commit"
    OVERTAKEN = "overtaken"  # not killed: it stands still in a turn until another has taken over, and then goes on
    CLAIMED = "after_claim"  # a send is claimed, its request not made
    MID_REQUEST = "mid_request"  # Meta has the request and has not answered
    BEFORE_RESULT = "before_result"  # Meta has answered; nothing of it is written down

    @property
    def victim(self) -> str:
        """The process that stands there."""
        return "worker" if self in _OF_WORKER else "gateway"


_IN_TURN = (Place.BEGUN, Place.IN_TURN, Place.IN_COMMIT, Place.OVERTAKEN)
_OF_WORKER = (*_IN_TURN, Place.COMMITTED)
_OF_ACCEPT = (Place.BEFORE_ACCEPT, Place.IN_ACCEPT, Place.ACCEPTED)
_POINT = {
    Place.BEFORE_ACCEPT: points.BEFORE_ACCEPT,
    Place.IN_ACCEPT: points.IN_ACCEPT,
    Place.ACCEPTED: points.ACCEPTED,
    Place.BEGUN: points.BEGUN,
    Place.IN_TURN: points.IN_TURN,
    Place.IN_COMMIT: points.IN_COMMIT,
    Place.COMMITTED: points.COMMITTED,
    Place.OVERTAKEN: points.IN_TURN,
    Place.CLAIMED: points.CLAIMED,
    Place.BEFORE_RESULT: points.IN_REQUEST,
}


def plan(seed: int, kills: int) -> list[Place]:
    """The same seed gives the same places; each comes as often as any other, give or take one."""
    dice, places = random.Random(f"crash/{seed}"), list[Place]()
    while len(places) < kills:
        places += dice.sample(list(Place), len(Place))
    return places[:kills]


def missing(hits: Counter[Place], planned: Sequence[Place]) -> list[str]:
    """Places that were to be hit and never were."""
    return [place.value for place in Place if place in planned and not hits[place]]


class Stand(Protocol):
    async def reached(self, said: Said) -> bool:
        """Whether the process stands there now, with this message or another of its conversation."""
        ...


@contextlib.asynccontextmanager
async def standing(product: Product, ledger: Ledger, place: Place, writer: Writer) -> AsyncIterator[Stand]:
    """To be opened before the customer writes. Whoever stands there goes on when it closes, unless it was killed."""
    if place is Place.MID_REQUEST:
        number = writer.customer.number
        await product.emulator.faults(account=number, hold=True)
        try:
            yield _MidRequest(product, writer)
        finally:
            await product.emulator.faults(account=number, hold=False)
    else:
        # A webhook may hold several conversations' messages, so those places have no conversation's name.
        conversation_id = writer.customer.conversation_id
        hold = product.points.hold(_POINT[place], "" if place in _OF_ACCEPT else conversation_id)
        try:
            yield _AtPoint(product=product, ledger=ledger, place=place, conversation_id=conversation_id, hold=hold)
        finally:
            hold.let_go()


class _MidRequest:
    """The emulator holds its answers to this number back."""

    def __init__(self, product: Product, writer: Writer) -> None:
        self._product, self._writer, self._since_ns = product, writer, time.monotonic_ns()

    async def reached(self, said: Said) -> bool:
        return await self._writer.customer.is_answered(self._product, self._since_ns, _REACH_S)


@dataclass(frozen=True, kw_only=True)
class _AtPoint:
    """Held where the product says that it is, and believed if the database says the same."""

    product: Product
    ledger: Ledger
    place: Place
    conversation_id: str
    hold: Hold

    async def reached(self, said: Said) -> bool:
        if not await self.hold.reached(_REACH_S):
            return False
        deadline = time.monotonic() + _FACT_S
        while not await self._is_there(said):
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_LOOK_S)
        return True

    async def _is_there(self, said: Said) -> bool:
        if self.place in _OF_ACCEPT:
            return await self.ledger.is_kept(said.provider_id) == (self.place is Place.ACCEPTED)
        if self.place in _IN_TURN:
            return await self.ledger.is_under_way(self.conversation_id)
        if self.place is Place.COMMITTED:
            return True
        claimed = await self.ledger.claimed(self.conversation_id)
        asked_for = {request.opaque for request in await self.product.journal.whole()}
        return any((str(row) in asked_for) == (self.place is Place.BEFORE_RESULT) for row in claimed)
