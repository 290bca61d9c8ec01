"""What a turn costs after 10 to 100,000 events in one Rasa session, and after 1,000 sessions; ours against stock Rasa.

In this process, on one model (`bench/assistant`), each round visits each length and each side in turn, so that a
noisy machine is noisy for all. A round is one cold turn (nothing of the conversation in memory, as after a restart)
and a script of ten: plain answers, a custom action, a two-stage fallback, a form filled and its custom actions. The
history is written straight into each store, in the shape the same script's real turns left. Ours is the worker's
whole turn with its commit on SQLite, actions in-process; stock is `Agent.handle_message`, SQL tracker store on
SQLite, action server over HTTP. Stock holds nothing in memory between turns; it is left out at a length once a turn
or a round takes too long.

The sessions are real turns: three a session, five slots set in each. Stock's session start carries over every value
a slot ever had, ours the last.

What bounds the figures: NLU and policies are most of a turn of ours. A cold turn is cold in this process: the
database's pages may be in the machine's memory. Not measured: many conversations at once, PostgreSQL, DIET and TED.

Breaks (exit 1): the events stored after a history differ from stock's, where both ran. --sabotage removes one guard.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import logging
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import logs
from bench.harness import entry
from bench.harness.entry import Result, say
from bench.services import postgres
from bench.talks import desk, sabotage
from bench.talks.clock import OffsetClock, read_by_rasa

if TYPE_CHECKING:
    from bench.talks.lengths import Length
    from bench.talks.ours import OurDesk
    from bench.talks.script import Past
    from bench.talks.stock import StockDesk

LENGTHS = (10, 100, 1_000, 10_000, 100_000)
TARGET_WARM, TARGET_COLD = 1.2, 2.0
_TEACHER = "5588888888888"
_CHECKPOINTS = (1, 10, 100, 200, 1_000)


@dataclass(frozen=True, kw_only=True)
class Both:
    ours: OurDesk
    stock: StockDesk
    clock: OffsetClock


async def measure(chosen: argparse.Namespace) -> Result:
    from bench.talks import past

    began = time.monotonic()
    async with _both(chosen.database) as both:
        say("Having the script's talk a few times, to learn what it leaves …")
        learned = await past.learned(both.ours, _TEACHER)
        with sabotage.of(chosen.sabotage):
            lengths = await _measure_lengths(both, learned, chosen)
            by_sessions, differed = await _measure_sessions(both, chosen)
    shortest, longest = lengths[0], lengths[-1]
    figures = {
        "bench": "history",
        "database": "sqlite" if chosen.database == "sqlite" else "postgresql",
        "rounds": chosen.rounds,
        "lengths": {str(each.events): _as_json(each) for each in lengths},
        "longest_to_shortest": {
            "events": [longest.events, shortest.events],
            "warm": _ratio(longest.ours.script_ms, shortest.ours.script_ms),
            "cold": _ratio(longest.ours.as_json()["cold_ms"], shortest.ours.as_json()["cold_ms"]),
            "target_warm": TARGET_WARM,
            "target_cold": TARGET_COLD,
        },
        "sessions": by_sessions,
        "events_compared": sum(sum(each.compared.values()) for each in lengths),
        "sabotage": chosen.sabotage,
        "seconds": round(time.monotonic() - began, 1),
    }
    return Result(figures=figures, broken=[each.difference for each in lengths if each.difference] + differed)


async def _measure_lengths(both: Both, learned: Past, chosen: argparse.Namespace) -> list[Length]:
    from bench.talks.lengths import Length, Measuring

    measuring = Measuring(both.ours, both.stock, learned, chosen.stock_limit)
    lengths = [Length(events=events) for events in chosen.lengths]
    for number in range(chosen.rounds):
        say(f"Round {number + 1} of {chosen.rounds} …")
        turned = number % len(lengths)
        for length in [*lengths[turned:], *lengths[:turned]]:
            await measuring.round(length, number)
    for length in lengths:
        await measuring.memory(length)
    return lengths


async def _measure_sessions(both: Both, chosen: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    from bench.talks import sessions

    if not chosen.sessions:
        return {}, []
    ends = {chosen.sessions, min(chosen.stock_sessions, chosen.sessions)}
    checkpoints = sorted({n for n in _CHECKPOINTS if n <= chosen.sessions} | ends - {0})
    return await sessions.measure(
        both.ours, both.stock, both.clock, checkpoints=checkpoints, stock_until=chosen.stock_sessions
    )


def _as_json(length: Length) -> dict[str, Any]:
    ours, stock = length.ours.as_json(), length.stock.as_json()
    return {
        "ours": {**ours, "live_tracker_mb": length.memory_mb},
        "stock": {**stock, "cut": length.stock_cut},
        "warm_to_stock": _ratio(length.ours.script_ms, length.stock.script_ms),
    }


def _ratio(one: float | None, other: float | None) -> float | None:
    return round(one / other, 3) if one and other else None


@contextlib.asynccontextmanager
async def _both(database: str) -> AsyncIterator[Both]:
    model = desk.model()
    say("Loading the model twice, and starting an action server …")
    from bench.talks import ours, stock

    logs.set_up("bench", level="ERROR")
    for name in ("rasa", "rasa_sdk"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    clock = OffsetClock()
    async with contextlib.AsyncExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="baton-bench-")))
        stack.enter_context(read_by_rasa(clock))
        database_url = stack.enter_context(postgres.wanted(database))
        actions_url = await stack.enter_async_context(stock.action_server(home))
        our_desk = await stack.enter_async_context(ours.opened(home, model, clock, database_url))
        yield Both(ours=our_desk, stock=stock.StockDesk(home, model, actions_url), clock=clock)


def _lengths(text: str) -> list[int]:
    try:
        return sorted({int(part) for part in text.split(",")})
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 10,100,1000") from None


def main(argv: Sequence[str]) -> int:
    made = argparse.ArgumentParser(
        prog="./baton bench history", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--lengths", type=_lengths, default=list(LENGTHS), metavar="LIST", help="events, as 10,1000")
    made.add_argument("--rounds", type=int, default=8)
    made.add_argument("--sessions", type=int, default=1_000, help="0: none")
    made.add_argument("--stock-sessions", type=int, default=200, help="stock goes no further: it gets ever slower")
    made.add_argument(
        "--stock-limit", type=float, default=20.0, metavar="S", help="a longer turn of stock's is the last"
    )
    made.add_argument("--database", default="sqlite", help="ours: sqlite, postgres (one is started), or a server's URL")
    made.add_argument("--sabotage", choices=sorted(sabotage.SABOTAGES), help="remove this guard")
    chosen = made.parse_args(argv)
    # Rasa brings Sanic, which changes asyncio's policy: not while a loop runs. And --help need not wait for TensorFlow.
    importlib.import_module("runtime.rasa_dialogue")
    return entry.run(measure(chosen))
