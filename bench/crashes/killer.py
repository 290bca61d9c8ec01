"""Waits until a process stands at a place, kills it there, and starts it again at once, as its parent would.

At one place it is not killed but stopped, as a machine that is suspended, and another takes over meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from bench.crashes.fleet import Said, Writer
from bench.crashes.ledger import Ledger
from bench.crashes.places import Place, standing
from bench.harness.entry import say
from bench.harness.processes import Child
from bench.harness.product import Product

_TRIES = 3
_OVERTAKEN_S = 30.0
_GOES_ON_S = 5.0
_HELD_UP_S = 0.5
_FREEZE_S = 10.0
_LOOK_S = 0.05
#: A process that was stopped at the wrong moment gets so long to come to a better one.
_GO_ON_S = (0.05, 0.4)
_DISCARDED = "turn_discarded"


@dataclass(frozen=True, kw_only=True)
class Kill:
    place: Place
    killed_ns: int
    up_ns: int  # the process that was started in its stead answers


@dataclass(kw_only=True)
class Killer:
    """Kills one of the two processes. Another of its sort is at work beside it on the other one."""

    victim: str
    product: Product
    ledger: Ledger
    writers: Sequence[Writer]
    dice: random.Random
    kills: list[Kill] = field(default_factory=list)
    missed: Counter[Place] = field(default_factory=Counter)
    ended: int = 0  # how often it ended without our doing
    _killing: bool = False
    _last: Writer | None = None

    async def keep(self) -> None:
        """Starts the process again should it end by itself; until cancelled."""
        while True:
            child = self.product.children[self.victim]
            await child.process.wait()
            if child is self.product.children[self.victim] and not self._killing:
                self.ended += 1
                say(f"The {self.victim} ended by itself.{child.tail()}")
                await self.product.restart(self.victim)
            await asyncio.sleep(_LOOK_S)

    async def work(self, places: Sequence[Place]) -> None:
        for place in (place for place in places if place.victim == self.victim):
            for _ in range(_TRIES):
                if await self._strike(place):
                    break
                self.missed[place] += 1

    async def _strike(self, place: Place) -> bool:
        """Whether it was hit: the process stood there, with this customer's message, when it was killed."""
        writer = self._choose()
        try:
            async with writer.alone(), standing(self.product, self.ledger, place, writer) as stand:
                said = writer.write(self.product)
                if not await stand.reached(said):
                    return False
                self._killing = True
                child = self.product.children[self.victim]
                if not await self._freeze(child, place):
                    return False
                stopped_ns = time.monotonic_ns()
                if place is not Place.OVERTAKEN:
                    child.kill()
                    await child.process.wait()
            up_ns = await self._overtake(child, said) if place is Place.OVERTAKEN else await self._start_again()
        finally:
            self._killing = False
        if up_ns is not None:
            self.kills.append(Kill(place=place, killed_ns=stopped_ns, up_ns=up_ns))
        return up_ns is not None

    async def _start_again(self) -> int:
        await self.product.restart(self.victim)
        return time.monotonic_ns()

    async def _freeze(self, child: Child, place: Place) -> bool:
        """Stops it where it is, at a moment that is fit for what comes; False if none comes."""
        is_fit = self._can_be_overtaken if place is Place.OVERTAKEN else self._is_no_second_try
        deadline = time.monotonic() + _FREEZE_S
        while time.monotonic() < deadline:
            os.kill(child.process.pid, signal.SIGSTOP)
            if await is_fit():
                return True
            os.kill(child.process.pid, signal.SIGCONT)
            await asyncio.sleep(self.dice.uniform(*_GO_ON_S))
        return False

    async def _is_no_second_try(self) -> bool:
        """A send of unknown fate is made once more, and not again: one that two kills fell on would stay unknown by
        intent. So none falls on a second try that has not arrived."""
        trying = set(map(str, await self.ledger.claimed_once_more()))
        return not trying or trying <= {request.opaque for request in await self.product.journal.whole()}

    async def _can_be_overtaken(self) -> bool:
        """Stopped in the middle of a transaction, it would keep its locks from whoever is to take over."""
        return not await self.ledger.is_held_up(_HELD_UP_S)

    async def _overtake(self, stopped: Child, said: Said) -> int | None:
        """Another worker answers what the stopped one stood at; that one then goes on, and must come to nothing. When
        the other was up; None if it did not come to that."""
        before = stopped.count_in_log(_DISCARDED)

        async def is_overtaken() -> bool:
            return await self.ledger.is_decided(said.provider_id)

        async def came_to_nothing() -> bool:
            return stopped.count_in_log(_DISCARDED) > before

        try:
            await self.product.start_beside(self.victim)
            up_ns = time.monotonic_ns()
            overtaken = await _until(is_overtaken, _OVERTAKEN_S)
        finally:
            os.kill(stopped.process.pid, signal.SIGCONT)
        hit = overtaken and await _until(came_to_nothing, _GOES_ON_S)
        stopped.kill()
        await stopped.stop()
        return up_ns if hit else None

    def _choose(self) -> Writer:
        """Not the same one twice in a row: its answer may still be of unknown fate, and keep the next one waiting."""
        self._last = self.dice.choice([writer for writer in self.writers if writer is not self._last])
        return self._last


async def _until(fact: Callable[[], Awaitable[bool]], timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while not await fact():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(_LOOK_S)
    return True
