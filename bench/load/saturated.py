"""Turns a second with always more to do than can be done: ours and stock's `facebook` channel, in turn."""

from __future__ import annotations

import contextlib
import statistics
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from bench.harness.entry import say
from bench.harness.product import Options
from bench.load import sides
from bench.load.sides import Side, Told
from bench.services import postgres

TARGET_RATIO = 2.0
_PATIENCE_S = 300.0


async def measure(
    model: Path, texts: Sequence[str], *, messages: int, at_once: int, rounds: int, database: str
) -> tuple[dict[str, Any], list[str]]:
    """Each message is of a new customer; stock and ours each begin every second round. Figures, and what broke."""
    per_s: dict[str, list[float]] = {"ours": [], "stock": []}
    broken: list[str] = []
    async with _both(model, database) as both:
        for side in both:  # the first turns are slower
            await _round(side, texts, first=0, count=8, at_once=2)
        for n in range(rounds):
            for side in both if n % 2 == 0 else reversed(both):
                say(f"Round {n + 1} of {rounds}: {messages} messages to {side.name}, {at_once} at once …")
                told = await _round(side, texts, first=8 + n * messages, count=messages, at_once=at_once)
                per_s[side.name].append(told.answered / told.seconds)
                if side.name == "ours" and (told.lost or told.doubled):
                    broken.append(f"under load {told.lost} answers were lost and {told.doubled} came twice")
    ratios = [mine / theirs for mine, theirs in zip(per_s["ours"], per_s["stock"], strict=True)]
    figures = {
        "database": database.partition(":")[0],
        "messages": messages,
        "at_once": at_once,
        **{f"{name}_per_s": round(statistics.median(each), 2) for name, each in per_s.items()},
        "ratio": round(statistics.median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
        "target_ratio": TARGET_RATIO,
    }
    return figures, broken


async def _round(side: Side, texts: Sequence[str], *, first: int, count: int, at_once: int) -> Told:
    groups = [[(f"5521{n:09d}", texts[n % len(texts)])] for n in range(first, first + count)]
    return await sides.tell(side, groups, sides.in_turn(at_once), timeout_s=_PATIENCE_S)


@contextlib.asynccontextmanager
async def _both(model: Path, database: str) -> AsyncIterator[list[Side]]:
    async with contextlib.AsyncExitStack() as stack:
        url = stack.enter_context(postgres.wanted(database))
        other = stack.enter_context(postgres.scratch(url)) if url else None
        options = Options(dialogue="rasa", points=False, database=url)
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="baton-bench-")))
        stock = await stack.enter_async_context(sides.stock(home, model, database_url=other))
        yield [stock, await stack.enter_async_context(sides.ours(options))]
