"""What a turn costs after many Rasa sessions with slots, and how many rows they leave."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.harness.entry import say
from bench.talks import comparing
from bench.talks.clock import OffsetClock
from bench.talks.customer import Said
from bench.talks.lots import same_lots
from bench.talks.ours import OurDesk
from bench.talks.stock import StockDesk

_CUSTOMER = "5599999999999"
#: Longer than the desk's sessions last.
_PAUSE_S = 7_200.0
#: Fills two slots and asks for a third, answers, and leaves the form: five slots are set a session.
_VISIT = ("a trip to Oslo with fish", "we are 3", "stop it")
#: The figures of a checkpoint are taken over so many sessions before it.
_OVER = 5


@dataclass(kw_only=True)
class Side:
    turns: list[list[float]] = field(default_factory=list)  # milliseconds, by session
    rows: dict[int, int] = field(default_factory=dict)  # at each checkpoint

    def at(self, sessions: int) -> dict[str, Any] | None:
        if sessions not in self.rows:
            return None
        near = self.turns[max(0, sessions - _OVER) : sessions]
        return {
            "rows": self.rows[sessions],
            "first_turn_ms": round(statistics.median(times[0] for times in near), 2),
            "turn_ms": round(statistics.median(t for times in near for t in times[1:]), 2),
        }


async def measure(
    ours: OurDesk, stock: StockDesk, clock: OffsetClock, *, checkpoints: Sequence[int], stock_until: int
) -> tuple[dict[str, Any], list[str]]:
    """Both at each of so many sessions, stock up to `stock_until`; and where they differed."""
    mine, theirs = Side(), Side()
    for session in range(1, max(checkpoints) + 1):
        clock.wait(_PAUSE_S)
        mine.turns.append([])
        if session <= stock_until:
            theirs.turns.append([])
        for n, text in enumerate(_VISIT):
            mine.turns[-1].append(await _ours_turn(ours, text, f"{session}/{n}"))
            if session <= stock_until:
                theirs.turns[-1].append(await _stock_turn(stock, text, f"{session}/{n}"))
        if session in checkpoints:
            say(f"{session} sessions …")
            mine.rows[session] = len(await ours.events(await ours.conversation(_CUSTOMER)))
            if session <= stock_until:
                theirs.rows[session] = len(stock.events_from(_CUSTOMER, 0))
    by_sessions = {str(n): {"ours": mine.at(n), "stock": theirs.at(n)} for n in checkpoints}
    return by_sessions, await _differences(ours, stock)


async def _differences(ours: OurDesk, stock: StockDesk) -> list[str]:
    initial = {slot.name: slot.initial_value for slot in stock.domain.slots}
    theirs = comparing.plain(stock.events_from(_CUSTOMER, 0), initial)
    mine = comparing.plain(await ours.events(await ours.conversation(_CUSTOMER)), initial)
    difference = comparing.first_difference(theirs, mine[: len(theirs)])
    return [f"over the sessions: {difference}"] if difference else []


async def _ours_turn(ours: OurDesk, text: str, lots: str) -> float:
    conversation_id = await ours.accepts(_CUSTOMER, Said(text=text))
    same_lots(lots)
    began = time.perf_counter()
    await ours.answers(conversation_id)
    return (time.perf_counter() - began) * 1000


async def _stock_turn(stock: StockDesk, text: str, lots: str) -> float:
    same_lots(lots)
    began = time.perf_counter()
    await stock.hears(_CUSTOMER, Said(text=text))
    return (time.perf_counter() - began) * 1000
