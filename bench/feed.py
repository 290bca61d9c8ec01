"""Desks follow the feed over two gateways while lines are cut; none misses an event, or has one twice.

Two gateways share one port, one PostgreSQL and one Redis. --sockets desks follow, some of them by operators who see one
of the two accounts. Meanwhile customers write (by the emulator), an operator makes notes (by the API), and transactions
of the bench's own are held open while others commit, so that ids and commits are not in the same order. --drops times a
line that is up is cut without a word; that desk comes again within a second and goes on after the last event it has
read. Redis is killed and started again empty in between, then one gateway is stopped and another started.

Judged by the list in the database, for each desk from where it began: `missed`, `twice`, `disordered`, `not_theirs`
(events of accounts that its operator does not see). `resets`: how often a desk was told to read all anew: never here.
`event_ms`: from just before a commit of the bench's own until each desk has read it, of those whose line was up all the
time, on one clock; `quiet_event_ms`: the same before anything is killed. Exit 1 where one of the promises broke.

--sabotage removes one guard, and the same run must then report it and exit 1: number-by-id (an event has the id it was
written under), resume-off-by-one (a desk goes on one later), dropping-queue (who is behind is given the newest only).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import random
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
from sqlalchemy.engine import Connection

from bench.feeds import judging
from bench.feeds.follower import Follower
from bench.feeds.judging import Judged
from bench.feeds.writing import Writing
from bench.harness import entry, figures, product, sabotage, state
from bench.harness.entry import CannotMeasure, Result, say
from bench.harness.product import Options, Product
from bench.harness.state import Cast
from bench.services import postgres, redis_server
from runtime.clock import SystemClock
from store import accounts, feed, operators, people
from store.database import Database
from store.operators import Role

_OPERATORS = 8
_SETTLE_S = 40.0
_LONGEST_PAUSE_S = 0.6


@dataclass(frozen=True, kw_only=True)
class Desks:
    """Operators' tokens, each with the accounts it sees; None: all."""

    tokens: Sequence[tuple[str, frozenset[str] | None]]


async def bench(chosen: argparse.Namespace) -> Result:
    with contextlib.ExitStack() as stack:
        try:
            url = await asyncio.to_thread(stack.enter_context, postgres.wanted(chosen.database))
            redis = await asyncio.to_thread(stack.enter_context, redis_server.running())
        except (postgres.NoPostgres, redis_server.NoRedis) as none:
            raise CannotMeasure(str(none)) from none
        if url is None:
            raise CannotMeasure("Two gateways need a PostgreSQL.")
        return await _on(url, redis, chosen)


async def _on(url: str, redis: redis_server.Server, chosen: argparse.Namespace) -> Result:
    dice = random.Random(f"feed/{chosen.seed}")
    cast = Cast(numbers=state.many(2))
    environment = {"REDIS_URL": redis.url}
    options = Options(
        cast=cast, worker=False, points=False, sabotage=chosen.sabotage, database=url, environment=environment
    )
    async with product.running(options) as running, _beside(running) as second:
        with contextlib.closing(Database(url)) as db:
            desks = await db.write(_people)
            writing = Writing(
                product=running,
                db=db,
                numbers=[number.provider_id for number in cast.numbers],
                customers=[f"55119{n:08d}" for n in range(5)],
                dice=random.Random(f"feed/{chosen.seed}/writing"),
            )
            await writing.begin()
            async with _following(running, desks, writing, chosen.sockets) as followers:
                say(f"{chosen.sockets} desks follow; {chosen.drops} lines are cut within {chosen.seconds:.0f} s.")
                resumed_from = sum(each.resumed for each in followers)
                quiet, drops = await _trouble(running, second, redis, writing, followers, dice, chosen)
                await _settled(writing, followers)
                resumed = sum(each.resumed for each in followers) - resumed_from
            listed = await db.read(functools.partial(judging.rows, by_id=chosen.sabotage == "number-by-id"))
    judged = judging.judge(listed, followers)
    return _result(
        chosen, judged, followers, writing, {"drops": drops, "resumed": resumed, "listed": len(listed)}, quiet
    )


@contextlib.asynccontextmanager
async def _beside(running: Product) -> AsyncIterator[list[Any]]:
    """A second gateway on the same port; the former of the two is in the list, whichever that is by then."""
    former = [await running.start_beside("gateway")]
    try:
        yield former
    finally:
        await former[0].stop()


def _people(tx: Connection) -> Desks:
    now, tokens = SystemClock().now(), []
    ours = sorted(each.id for each in accounts.all_of(tx))
    for n in range(_OPERATORS):
        name = f"desk {n}"
        token = operators.add(tx, name, Role.OPERATOR, now)
        sees = frozenset(ours[n % 2 : n % 2 + 1]) if n < _OPERATORS // 4 else None
        if sees is not None:
            people.set_accounts(tx, name, list(sees))
        tokens.append((token, sees))
    return Desks(tokens=tokens)


@contextlib.asynccontextmanager
async def _following(running: Product, desks: Desks, writing: Writing, sockets: int) -> AsyncIterator[list[Follower]]:
    url = running.address.replace("http", "ws", 1) + "/ws"
    followers = []
    for n in range(sockets):
        token, sees = desks.tokens[n % len(desks.tokens)]
        followers.append(Follower(url=url, token=token, accounts=sees, committed_ns=writing.committed_ns))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        works = [asyncio.create_task(each.run(http), name="follower") for each in followers]
        try:
            await _until(lambda: all(each.is_connected for each in followers), "all desks follow")
            yield followers
        finally:
            for work in works:
                work.cancel()
            await asyncio.gather(*works, return_exceptions=True)


async def _trouble(
    running: Product,
    second: list[Any],
    redis: redis_server.Server,
    writing: Writing,
    followers: Sequence[Follower],
    dice: random.Random,
    chosen: argparse.Namespace,
) -> tuple[list[float], int]:
    """All at once, by the clock of the run: writing, cutting lines, and what happens to Redis and a gateway."""
    quiet: list[float] = []

    async def troubles() -> None:
        await asyncio.sleep(0.3 * chosen.seconds)
        quiet.extend(late for each in followers for late in each.late_ms)
        await asyncio.to_thread(redis.kill)
        say("Redis is gone.")
        await asyncio.sleep(0.2 * chosen.seconds)
        await asyncio.to_thread(redis.start)
        say("Redis is back, empty.")
        await asyncio.sleep(0.1 * chosen.seconds)
        await second[0].stop()
        say("One gateway has stopped.")
        second[0] = await running.start_beside("gateway")
        say("Another gateway is there.")

    _, _, drops = await entry.together(
        troubles(), writing.go_on(chosen.seconds, chosen.rate), _drop(followers, dice, chosen)
    )
    return quiet, drops


async def _drop(followers: Sequence[Follower], dice: random.Random, chosen: argparse.Namespace) -> int:
    for _ in range(chosen.drops):
        await asyncio.sleep(dice.expovariate(chosen.drops / chosen.seconds))
        up = [each for each in followers if each.is_connected]
        while not up:
            await asyncio.sleep(0.02)
            up = [each for each in followers if each.is_connected]
        dice.choice(up).drop(dice.uniform(0.01, _LONGEST_PAUSE_S))
    return int(chosen.drops)


async def _settled(writing: Writing, followers: Sequence[Follower]) -> None:
    """Until the last notice of all has reached everybody, or will not."""
    await _until(lambda: all(each.is_connected for each in followers), "all desks are back")
    n = await writing.commit()
    with contextlib.suppress(CannotMeasure):
        await _until(lambda: all(each.last_n >= n for each in followers), "all were told")
    await _until_numbered(writing.db)


async def _until_numbered(db: Database) -> None:
    while await db.read(feed.has_unnumbered):  # noqa: ASYNC110 -- the database has no event
        await asyncio.sleep(0.05)


async def _until(fact: Any, what: str) -> None:
    deadline = time.monotonic() + _SETTLE_S
    while not fact():
        if time.monotonic() > deadline:
            raise CannotMeasure(f"It did not come to this: {what}.")
        await asyncio.sleep(0.05)


def _result(
    chosen: argparse.Namespace,
    judged: Judged,
    followers: Sequence[Follower],
    writing: Writing,
    counts: dict[str, int],
    quiet: Sequence[float],
) -> Result:
    measured: dict[str, Any] = {
        "bench": "feed",
        "seed": chosen.seed,
        "sabotage": chosen.sabotage,
        "gateways": 2,
        "sockets": chosen.sockets,
        "seconds": round(chosen.seconds, 1),
        **counts,
        "written": dict(writing.counts),
        **vars(judged),
        "resets": sum(each.resets for each in followers),
        "refused": sum(len(each.refused) for each in followers),
        "event_ms": figures.times_ms(late for each in followers for late in each.late_ms),
        "quiet_event_ms": figures.times_ms(quiet),
        "errors": writing.errors[:5],
    }
    return Result(figures=measured, broken=broken_promises(measured))


def broken_promises(measured: dict[str, Any]) -> list[str]:
    promises = {
        "missed": "events did not reach a desk that should have had them",
        "twice": "events came twice",
        "disordered": "events came after later ones",
        "not_theirs": "events reached who may not see them",
        "resets": "desks were told to read all anew",
        "refused": "sockets were closed for no reason of theirs",
    }
    return [f"{measured[name]} {what}" for name, what in promises.items() if measured[name]]


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./baton bench feed", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sockets", type=int, default=500)
    parser.add_argument("--drops", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, help="how long it goes on (20 drops a second)")
    parser.add_argument("--rate", type=float, default=12.0, help="what is written a second")
    parser.add_argument("--sabotage", choices=sabotage.OF_FEEDS, help="remove this guard")
    parser.add_argument("--database", default="postgres", help="postgres (a server of our own) or a server's URL")
    chosen = parser.parse_args(argv)
    if chosen.seconds is None:
        chosen.seconds = max(chosen.drops / 20, 6.0)
    with contextlib.suppress(ImportError):  # the desks must not be what is slow
        import uvloop

        uvloop.install()
    return entry.run(bench(chosen))
