"""An existing dashboard's every request is asked of the running product; those unmet are printed.

    ./baton bench dashboard

What two generations of that dashboard's pages ask (docs/dashboard.md) stands as data in bench/dashboards/contract/: one
row for each method and path, with the body its page sends, or none. The whole product runs on its own state, with
customers who write through the emulator. Each row is asked as a browser on another site would: a preflight, then the
request with `Authorization: Token`; signed out; and about what is not there. Judged are the status, each field the page
reads and what it takes it for, lists bare or in their envelope, order, dates, the words of a refusal where each page
looks for them, that nothing is redirected and no token shown; then what must have come of it: that the list follows the
button, that the assistant is silent, that the customer got it once. The sockets are followed: both handshakes, each
event, the codes they are closed with, a gateway that is started anew.

  rows      asked; `sockets`: those of them that are about sockets
  unmet     not as the pages need it: each is told on stderr
  not_yet   rows of a later step: they must be refused with 501, in words

Breaks (exit 1) where a row is unmet. --sabotage plants a fault, and the run must break: bare-list (lists without their
envelope), no-mode (the mode of a conversation does not follow the handover), null-date (a message without its moment),
token-shown (an account with its token), cors-closed (no other site may ask). --only TEXT asks only rows with this in
them."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import aiohttp

from bench.dashboards import asking, contract, ending, sockets
from bench.dashboards.given import Given, Scene
from bench.dashboards.page import ORIGIN, Page
from bench.dashboards.rows import Row, Unmet
from bench.harness import entry, product, sabotage, state
from bench.harness.entry import CannotMeasure, Result, say
from bench.harness.product import Options
from bench.harness.state import Cast
from bench.services import postgres

#: Rows are about things of their own, so some are asked at once.
_AT_ONCE = 6
_APP_SECRET = "bench-app-secret-of-the-installation"
_LASTS_S = 90.0
#: After all others.
_ENDINGS = (
    ("END the gateway is started anew, and sockets come again", ending.come_again),
    ("END no token is in the logs", ending.logs_are_clean),
)


@dataclass(frozen=True, kw_only=True)
class Judged:
    label: str
    complaints: Sequence[str]


async def measure(chosen: argparse.Namespace) -> Result:
    rows, followed = _chosen(contract.rows(), chosen), _chosen(sockets.rows(), chosen)
    with contextlib.ExitStack() as stack:
        url = await asyncio.to_thread(stack.enter_context, postgres.wanted(chosen.database))
        options = Options(
            cast=Cast(
                numbers=[*state.many(1), *state.many(1, channel="messenger"), *state.many(1, channel="instagram")]
            ),
            points=False,
            database=url,
            sabotage=chosen.sabotage,
            emulated_by_token=True,
            environment={"BATON_CORS_ORIGINS": ORIGIN, "META_APP_SECRET": _APP_SECRET},
            emulator={"delivered_after_ms": 50},
        )
        async with product.running(options) as running:
            page = Page(http=running.http, address=running.address, token=running.operators.token)
            scene = Scene(product=running, page=page)
            await scene.begin()
            judged = await _all(scene, rows, followed)
            judged += [
                await _at_the_end(scene, *each) for each in _ENDINGS if chosen.only in each[0] and chosen.part == 1
            ]
    return _result(chosen, rows, judged)


_Row = TypeVar("_Row", Row, sockets.SocketRow)


def _chosen(rows: Sequence[_Row], chosen: argparse.Namespace) -> list[_Row]:
    found = [row for row in rows if chosen.only in row.label]
    if chosen.part == 1:
        return found
    return random.Random(f"dashboard/{chosen.seed}").sample(found, -(-len(found) // chosen.part))


async def _all(scene: Scene, rows: Sequence[Row], followed: Sequence[sockets.SocketRow]) -> list[Judged]:
    free = asyncio.Semaphore(_AT_ONCE)
    # The first of each: lists then have something in them.
    await asyncio.gather(*(Given(scene, channel).get("talk") for channel in scene.accounts))
    beside = [row for row in rows if not row.alone]
    judged: list[Judged] = await entry.together(
        *(_ask(scene, row, free) for row in beside), *(_follow(scene, row, free) for row in followed)
    )
    return judged + [await _ask(scene, row, free) for row in rows if row.alone]


async def _ask(scene: Scene, row: Row, free: asyncio.Semaphore) -> Judged:
    async with free:
        asked = asking.ask(scene, row, [_APP_SECRET, scene.product.settings.verify_token])
        return Judged(label=row.label, complaints=await _in_time(asked))


async def _follow(scene: Scene, row: sockets.SocketRow, free: asyncio.Semaphore) -> Judged:
    async with free:
        given = Given(scene, row.on)
        try:
            return Judged(label=row.label, complaints=await _in_time(_met(row.ask(given))))
        finally:
            await given.leave()


async def _at_the_end(scene: Scene, label: str, ask: Callable[[Scene], Awaitable[None]]) -> Judged:
    return Judged(label=label, complaints=await _in_time(_met(ask(scene))))


async def _met(work: Awaitable[None]) -> list[str]:
    try:
        await work
    except Unmet as unmet:
        return [str(unmet)]
    except (CannotMeasure, RuntimeError) as none:
        return [f"what it is about could not be made: {none}"]
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        return [f"what it is told can't be read: {type(error).__name__} {error}"]
    return []


async def _in_time(work: Awaitable[Sequence[str]]) -> Sequence[str]:
    try:
        return await asyncio.wait_for(work, _LASTS_S)
    except (asyncio.TimeoutError, aiohttp.ClientError) as error:
        return [f"it came to no end: {type(error).__name__} {error}"]


def _result(chosen: argparse.Namespace, rows: Sequence[Row], judged: Sequence[Judged]) -> Result:
    unmet = [each for each in judged if each.complaints]
    for each in unmet:
        say(f"UNMET {each.label}")
        for complaint in dict.fromkeys(each.complaints):
            say(f"    {complaint}")
    figures = {
        "bench": "dashboard",
        "database": "sqlite" if chosen.database == "sqlite" else "postgresql",
        "sabotage": chosen.sabotage,
        "rows": len(judged),
        "sockets": sum(each.label.startswith("WS") for each in judged),
        "met": len(judged) - len(unmet),
        "unmet": [each.label for each in unmet],
        "not_yet": [row.label for row in rows if row.mark == "501"],
    }
    return Result(figures=figures, broken=[f"{len(unmet)} rows are unmet"] if unmet else [])


def main(argv: Sequence[str]) -> int:
    made = argparse.ArgumentParser(
        prog="./baton bench dashboard", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--sabotage", choices=sabotage.OF_DASHBOARDS)
    made.add_argument("--database", default="sqlite", help="sqlite, postgres (a server of our own) or a server's URL")
    made.add_argument("--only", default="", metavar="TEXT")
    made.add_argument("--part", type=int, default=1, metavar="N", help="one row of N, drawn by the seed")
    made.add_argument("--seed", type=int, default=1)
    return entry.run(measure(made.parse_args(argv)))
