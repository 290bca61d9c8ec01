"""Fifty operators take one conversation at the same moment, again and again: one has it, the others hear who.

Through the REST API of the real gateway, each operator with a token and a connection of their own. Half of them say on
which ownership number they decided, as the desk page does; now and then the customer writes in the same moment. After
each round the winner gives it back, and the next begins.

`winners`: rounds by how many takes were answered with 200; anything but one is broken. `unnamed`: refusals that do not
say who was quicker. `strangers`: rounds after which the conversation is not the winner's. Exit 1 where one is not 0.
--sabotage no-owner lets everybody take what somebody has: the same run must then report more than one winner.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Connection

from bench.harness import customers, entry, figures, product, sabotage, state
from bench.harness.clients import Answered, Operators
from bench.harness.customers import Customer
from bench.harness.entry import CannotMeasure, Result, say
from bench.harness.product import Options, Product
from bench.harness.state import Cast
from bench.services import postgres
from runtime.clock import SystemClock
from store import operators
from store.database import Database
from store.operators import Role

_SETTLE_S = 30.0


@dataclass(kw_only=True)
class Tally:
    winners: Counter[int] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    times_won: Counter[str] = field(default_factory=Counter)
    unnamed: int = 0
    strangers: int = 0
    won_ms: list[float] = field(default_factory=list)
    lost_ms: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


async def bench(chosen: argparse.Namespace) -> Result:
    with contextlib.ExitStack() as stack:
        url = await asyncio.to_thread(stack.enter_context, postgres.wanted(chosen.database))
        (ours,) = state.many(1, channel=chosen.channel)
        options = Options(cast=Cast(numbers=[ours]), sabotage=chosen.sabotage, database=url)
        async with product.running(options) as running:
            customer = Customer(phone="5511900000000", number=ours.provider_id, channel=ours.channel)
            await customers.meet(running, [customer])
            people = await asyncio.to_thread(_hire, running, chosen.operators)
            say(f"{len(people)} operators; {chosen.times} races begin.")
            tally, began = Tally(), time.monotonic()
            for number in range(chosen.times):
                await _race(running, customer, people, random.Random(f"race/{chosen.seed}/{number}"), tally)
                if not (number + 1) % 100:
                    say(f"{number + 1} of {chosen.times} races")
            took_s = time.monotonic() - began
    return _result(chosen, tally, took_s)


def _hire(running: Product, count: int) -> dict[str, Operators]:
    with contextlib.closing(Database(running.settings.database_url)) as db:
        tokens = db.write_now(_add_all, [f"operator{number:02d}" for number in range(count)])
    return {name: Operators(running.http, running.address, token) for name, token in tokens.items()}


def _add_all(tx: Connection, names: Sequence[str]) -> dict[str, str]:
    now = SystemClock().now()
    return {name: operators.add(tx, name, Role.OPERATOR, now) for name in names}


async def _race(
    running: Product, customer: Customer, people: dict[str, Operators], dice: random.Random, tally: Tally
) -> None:
    path = f"conversations/{customer.conversation_id}"
    before = await running.operators.ask("GET", path)
    runners = dice.sample(list(people), len(people))
    bodies = {name: {"ownership": before.body["ownership"]} if dice.random() < 0.5 else {} for name in runners}
    writes = [customer.say(running, customers.words(running, dice, "race"))] if dice.random() < 0.3 else []
    takes = [people[name].ask("POST", f"{path}/take", bodies[name]) for name in runners]
    answers: Sequence[Answered] = (await entry.together(*takes, *writes))[: len(takes)]
    after = await running.operators.ask("GET", path)
    winners = [name for name, answer in zip(runners, answers, strict=True) if answer.status == 200]
    tally.winners[len(winners)] += 1
    tally.times_won.update(winners)
    tally.strangers += after.body["owner"] not in winners
    for answer in answers:
        _judge(answer, str(after.body["owner"]), tally)
    await _give_back(people, path, after.body["owner"])
    if writes:
        await customer.settle(running, _SETTLE_S)


def _judge(answer: Answered, owner: str, tally: Tally) -> None:
    ms = figures.ms(answer.sent_ns, answer.answered_ns)
    if answer.status == 200:
        tally.won_ms.append(ms)
    elif answer.status == 409:
        error = answer.body["error"]
        tally.lost_ms.append(ms)
        tally.refusals[error["code"]] += 1
        tally.unnamed += owner not in error["message"]
    else:
        tally.errors.append(f"{answer.status} {answer.body}")


async def _give_back(people: dict[str, Operators], path: str, owner: str) -> None:
    given = await people[owner].ask("POST", f"{path}/release", {})
    if given.status != 200:
        raise CannotMeasure(f"The winner could not give it back: {given.status} {given.body}")


def _result(chosen: argparse.Namespace, tally: Tally, took_s: float) -> Result:
    several = sum(races for winners, races in tally.winners.items() if winners != 1)
    measured: dict[str, Any] = {
        "bench": "race",
        "channel": chosen.channel,
        "seed": chosen.seed,
        "sabotage": chosen.sabotage,
        "database": "sqlite" if chosen.database == "sqlite" else "postgresql",
        "operators": chosen.operators,
        "races": chosen.times,
        "seconds": round(took_s, 1),
        "winners": {str(count): races for count, races in sorted(tally.winners.items())},
        "not_one_winner": several,
        "unnamed": tally.unnamed,
        "strangers": tally.strangers,
        "refusals": dict(tally.refusals),
        "different_winners": len(tally.times_won),
        "won_ms": figures.times_ms(tally.won_ms),
        "lost_ms": figures.times_ms(tally.lost_ms),
        "errors": tally.errors[:5],
    }
    promises = {
        "not_one_winner": "races had no winner, or more than one",
        "unnamed": "refusals did not say who was quicker",
        "strangers": "times somebody had it who had not won it",
    }
    broken = [f"{measured[name]} {what}" for name, what in promises.items() if measured[name]]
    return Result(figures=measured, broken=[*broken, *(f"a take failed: {error}" for error in tally.errors[:5])])


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./baton bench race", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--operators", type=int, default=50)
    parser.add_argument("--times", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--channel", choices=state.CHANNELS, default="whatsapp")
    parser.add_argument("--database", default="sqlite", help="sqlite, postgres (a server of our own) or a server's URL")
    parser.add_argument("--sabotage", choices=sabotage.OF_RACES, help="remove this guard")
    return entry.run(bench(parser.parse_args(argv)))
