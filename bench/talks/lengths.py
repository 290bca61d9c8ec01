"""What a turn costs after histories of several lengths: each round visits each length, on both sides."""

from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.harness.entry import say
from bench.talks import comparing, past
from bench.talks.customer import Said
from bench.talks.lots import same_lots
from bench.talks.ours import OurDesk
from bench.talks.script import CYCLE, FIRST, Past
from bench.talks.stock import StockDesk
from conversation.conversation import ConversationId

#: Up to here a conversation grows much by being measured: each round has a new one.
_SHORT = 1_000
#: A round of stock's is left out when the one before it took longer.
_STOCK_ROUND_S = 90.0
#: The power of the history's length that stock's turn is taken to grow with, before a length is tried.
_STOCK_GROWTH = 1.5


@dataclass(kw_only=True)
class Times:
    """Milliseconds. `first`: the first turn ever on what was written, with nothing in memory and no snapshot."""

    first: list[float] = field(default_factory=list)
    cold: list[float] = field(default_factory=list)
    warm: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))  # by the line of the script

    def as_json(self) -> dict[str, Any]:
        kinds: dict[str, list[float]] = defaultdict(list)
        for n, times in self.warm.items():
            kinds[CYCLE[n].kind] += times
        return {
            "turns": sum(map(len, self.warm.values())),
            "warm_ms": _ms([t for times in self.warm.values() for t in times]),
            "warm_ms_by_kind": {kind: _ms(times) for kind, times in kinds.items()},
            "cold_ms": _ms(self.cold),
            "first_ms": _ms(self.first),
        }

    @property
    def script_ms(self) -> float | None:
        """The whole script, each line at its median; None where not each was measured."""
        return sum(map(statistics.median, self.warm.values())) if len(self.warm) == len(CYCLE) else None


@dataclass(kw_only=True)
class Length:
    """One length of history, and what was measured there."""

    events: int
    ours: Times = field(default_factory=Times)
    stock: Times = field(default_factory=Times)
    stock_goes_on: bool = True
    stock_cut: str | None = None
    customer: str = ""
    memory_mb: float | None = None
    compared: dict[str, int] = field(default_factory=dict)  # events, by the customer
    difference: str | None = None  # the first


class Measuring:
    """The shortest length comes first in the first round: where stock is too slow, it is not tried at longer ones."""

    def __init__(self, ours: OurDesk, stock: StockDesk, learned: Past, stock_limit_s: float) -> None:
        self._ours, self._stock, self._past, self._limit_s = ours, stock, learned, stock_limit_s
        self._customers = 0
        self._stock_gave_up_at: int | None = None
        self._stock_took: dict[int, float] = {}  # seconds of its first turn, by the events before it

    async def round(self, length: Length, number: int) -> None:
        """One cold turn and one cycle of warm ones, on both sides, who begins alternates."""
        if self._stock_gave_up_at is not None and length.events > self._stock_gave_up_at and length.stock_goes_on:
            length.stock_goes_on, length.stock_cut = False, "it was too slow at a shorter one"
        if not length.customer or length.events < _SHORT:
            await self._begin(length)
        sides: list[Callable[[Length, int], Awaitable[None]]] = [self._ours_round, self._stock_round]
        for side in sides if number % 2 == 0 else reversed(sides):
            await side(length, number)
        await self._compare(length)

    async def memory(self, length: Length) -> None:
        """What the live tracker of this conversation holds: all that is freed when it is let go."""
        conversation_id = await self._ours.conversation(length.customer)
        self._ours.dialogue.forget(conversation_id)
        tracemalloc.start()
        try:
            await self._ours_turn(length.customer, FIRST.text, "memory")
            gc.collect()
            held = tracemalloc.get_traced_memory()[0]
            self._ours.dialogue.forget(conversation_id)
            gc.collect()
            length.memory_mb = round((held - tracemalloc.get_traced_memory()[0]) / 2**20, 3)
        finally:
            tracemalloc.stop()

    async def _begin(self, length: Length) -> None:
        """A customer with this past in both stores. The first turns are not measured as cold or warm ones."""
        self._customers += 1
        length.customer = f"55{self._customers:011d}"
        events = self._past.of(length.events)
        await past.write_ours(self._ours, length.customer, events)
        length.ours.first.append(await self._ours_turn(length.customer, FIRST.text, "begin"))
        if length.stock_goes_on and (expected := self._stock_may_take(length.events)) > self._limit_s:
            self._cut(length, f"a turn would take {expected:.0f} s, by its growth so far")
        if length.stock_goes_on:
            past.write_stock(self._stock, length.customer, events, self._ours.house.clock.now().timestamp())
            took = await self._stock_turn(length.customer, FIRST.text, "begin")
            self._stock_took[length.events] = took / 1000
            length.stock.first.append(took)
            if took > self._limit_s * 1000:
                length.stock.cold.append(took)  # the only one there will be; every turn of stock's is cold
                self._cut(length, f"a turn takes {took / 1000:.0f} s")

    def _stock_may_take(self, events: int) -> float:
        """Seconds, by the longest that was tried: a try at a hundred times the length can take longer than all else."""
        longest = max(self._stock_took, default=0)
        if longest < _SHORT or longest >= events:
            return 0.0
        return self._stock_took[longest] * (events / longest) ** _STOCK_GROWTH

    async def _ours_round(self, length: Length, number: int) -> None:
        conversation_id: ConversationId = await self._ours.conversation(length.customer)
        self._ours.dialogue.forget(conversation_id)
        length.ours.cold.append(await self._ours_turn(length.customer, FIRST.text, f"{number}"))
        for n, line in enumerate(CYCLE):
            length.ours.warm[n].append(await self._ours_turn(length.customer, line.text, f"{number}/{n}"))

    async def _stock_round(self, length: Length, number: int) -> None:
        """It has nothing in memory, ever: cold and warm are one."""
        if not length.stock_goes_on:
            return
        began = time.monotonic()
        length.stock.cold.append(await self._stock_turn(length.customer, FIRST.text, f"{number}"))
        for n, line in enumerate(CYCLE):
            length.stock.warm[n].append(await self._stock_turn(length.customer, line.text, f"{number}/{n}"))
        if (took := time.monotonic() - began) > _STOCK_ROUND_S:
            self._cut(length, f"{number + 1} rounds: one takes {took:.0f} s")

    def _cut(self, length: Length, why: str) -> None:
        length.stock_goes_on, length.stock_cut, self._stock_gave_up_at = False, why, length.events
        say(f"Stock is left out from here on after {length.events} events: {why}.")

    async def _ours_turn(self, customer: str, text: str, lots: str) -> float:
        conversation_id = await self._ours.accepts(customer, Said(text=text))
        same_lots(lots)
        return await _timed(self._ours.answers(conversation_id))

    async def _stock_turn(self, customer: str, text: str, lots: str) -> float:
        same_lots(lots)
        return await _timed(self._stock.hears(customer, Said(text=text)))

    async def _compare(self, length: Length) -> None:
        """The events stored since the history was written, as far as stock went."""
        known = len(self._past.of(length.events))
        theirs = comparing.plain(self._stock.events_from(length.customer, known), {})
        conversation_id = await self._ours.conversation(length.customer)
        mine = comparing.plain(await self._ours.events(conversation_id, after=known), {})
        length.compared[length.customer] = len(theirs)
        difference = comparing.first_difference(theirs, mine if length.stock_goes_on else mine[: len(theirs)])
        length.difference = length.difference or (difference and f"after {length.events} events: {difference}")


async def _timed(turn: Awaitable[Any]) -> float:
    began = time.perf_counter()
    await turn
    return (time.perf_counter() - began) * 1000


def _ms(times: Sequence[float]) -> float | None:
    return round(statistics.median(times), 2) if times else None
