"""Agents are switched off while several of their conversations are under way; nothing may arrive after.

Several agents, each answering on several numbers with several customers, are switched off and on again and again, side
by side, through `PATCH /api/v1/agents/{name}`. In each round some of an agent's customers write, the switch-off falls
at a seeded moment of one of them (see `takeover`), customers may write on while it is off, and it is switched on.

`leaked`: bot requests of any kind to any of the agent's customers that the emulator received after we had read the
answer of the switch-off and before we sent the switch-on, beyond the `in_flight` the answer named. `stale`: answers
asked for before the switch-off was answered that arrived after the switch-on. `lost`: accepted messages without a
verdict in the end. `doubled`: as in `takeover`. `unanswered`: agents switched on again that did not answer. Exit 1
where one of the promises broke.

--sabotage and --dialogue are as in `takeover`.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.harness import customers, entry, figures, moments, product, sabotage, silence, state
from bench.harness.clients import Answered
from bench.harness.customers import Customer
from bench.harness.entry import Result, say
from bench.harness.moments import MISSED, Moment, Ordered, Place
from bench.harness.product import Options, Product
from bench.harness.silence import Judged, Silence
from bench.harness.state import Cast

_NUMBERS_EACH, _CUSTOMERS_EACH = 2, 2
_ANSWER_S = 60.0
_SETTLE_S = 10.0


@dataclass(frozen=True, kw_only=True)
class Round:
    """All that is decided about a switch-off before it happens. Customers by their place among the agent's."""

    number: int
    moment: Moment
    focus: int  # whose conversation stands at the moment's place
    others: tuple[int, ...]  # who writes at the same time
    while_off: tuple[int, ...]  # who writes to the agent that is off
    hasty: bool  # switched on again at once, so that what is left of the answers may try to leave after it
    watch_ms: float


@dataclass(frozen=True, kw_only=True)
class Persona:
    """An agent and everybody who writes to it."""

    name: str
    customers: Sequence[Customer]

    @property
    def numbers(self) -> frozenset[str]:
        return frozenset(customer.number for customer in self.customers)


@dataclass(kw_only=True)
class Tally:
    orders: list[Ordered] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)
    under_way: list[int] = field(default_factory=list)
    unanswered: int = 0
    errors: list[str] = field(default_factory=list)


def plan(seed: int, times: int) -> list[Round]:
    return [_draw(random.Random(f"switch-off/{seed}/{number}"), number) for number in range(times)]


def _draw(dice: random.Random, number: int) -> Round:
    everybody = range(_NUMBERS_EACH * _CUSTOMERS_EACH)
    moment = moments.draw(dice)
    focus, *rest = dice.sample(everybody, len(everybody))
    idle = moment.place is Place.IDLE
    return Round(
        number=number,
        moment=moment,
        focus=focus,
        others=() if idle else tuple(rest[: dice.randrange(1, len(everybody))]),
        while_off=tuple(dice.sample(everybody, dice.choice((0, 0, 1, 2)))),
        hasty=dice.random() < 0.2,
        watch_ms=dice.uniform(10, 60),
    )


def personas(agents: int, channel: str) -> tuple[Cast, list[Persona]]:
    numbers = [
        dataclasses.replace(number, agent=f"agent-{n // _NUMBERS_EACH}")
        for n, number in enumerate(state.many(agents * _NUMBERS_EACH, channel=channel))
    ]
    everyone = [
        (number.agent, Customer(phone=f"55119{n:04d}{m:04d}", number=number.provider_id, channel=channel))
        for n, number in enumerate(numbers)
        for m in range(_CUSTOMERS_EACH)
    ]
    names = list(dict.fromkeys(number.agent for number in numbers))
    made = [Persona(name=name, customers=[c for agent, c in everyone if agent == name]) for name in names]
    return Cast(numbers=numbers), made


async def bench(chosen: argparse.Namespace) -> Result:
    rounds = plan(chosen.seed, chosen.times)
    cast, agents = personas(chosen.agents, chosen.channel)
    everyone = [customer for persona in agents for customer in persona.customers]
    options = Options(cast=cast, dialogue=chosen.dialogue, sabotage=chosen.sabotage)
    async with product.running(options) as running:
        await customers.meet(running, everyone)
        say(f"{len(agents)} agents, {len(everyone)} conversations; {len(rounds)} switch-offs begin.")
        tally, began = Tally(), time.monotonic()
        telling = asyncio.create_task(_tell(tally, len(rounds)))
        try:
            await entry.together(
                *(_live(running, p, rounds[n :: len(agents)], chosen.seed, tally) for n, p in enumerate(agents))
            )
        finally:
            telling.cancel()
        took_s = time.monotonic() - began
        tally.unanswered += await _still_silent(running, agents, chosen.seed)
        found = await customers.verdicts(running, everyone)
        judged = silence.judge(await running.journal.whole(), tally.silences)
        discarded = running.children["worker"].count_in_log("turn_discarded")
    counts = {
        "answered": found.answered,
        "recorded": found.recorded,
        "lost": found.lost,
        "discarded_turns": discarded,
    }
    return _result(chosen, tally, judged, counts, took_s)


async def _live(running: Product, persona: Persona, rounds: Sequence[Round], seed: int, tally: Tally) -> None:
    for each in rounds:
        await _round(running, persona, each, random.Random(f"words/{seed}/{each.number}"), tally)


async def _round(running: Product, persona: Persona, each: Round, dice: random.Random, tally: Tally) -> None:
    moment, focus = each.moment, persona.customers[each.focus]
    began_ns = time.monotonic_ns()
    async with moments.standing(running, moment.place, focus) as stand:
        texts = [
            customers.words(running, dice, f"r{each.number} m0", think_ms=moment.think_ms, says=moment.says)
            for _ in range(1 + len(each.others))
        ]
        writers = [focus, *(persona.customers[n] for n in each.others)]
        saying = (who.say(running, text) for who, text in zip(writers, texts, strict=True))
        # Beside, for a conversation held in its commit keeps everybody's webhooks waiting for the database.
        async with entry.beside(entry.together(*saying)):
            if moment.place is Place.IDLE:
                tally.unanswered += not await focus.is_answered(running, began_ns, _ANSWER_S)
                await focus.settle(running, _SETTLE_S)
            await stand.reached()
            ordered = await moments.order(
                stand,
                moment,
                lambda: running.operators.switch(persona.name, "inactive"),
                lambda: _is_off(running, persona),
            )
    tally.orders.append(ordered)
    tally.under_way.append(len(writers) if moment.place is not Place.IDLE else 0)
    _check(ordered.answer, "switch-off", tally)
    for n in each.while_off:
        await persona.customers[n].say(running, customers.words(running, dice, f"r{each.number} off"))
    # After `in_flight` the announced requests may still be on their way: no haste then.
    if not each.hasty or ordered.answer.in_flight:
        await entry.together(*(who.settle(running, _SETTLE_S) for who in writers))
        await asyncio.sleep(each.watch_ms / 1000)
    on = await running.operators.switch(persona.name, "active")
    _check(on, "switch-on", tally)
    tally.silences.append(
        Silence(
            numbers=persona.numbers,
            from_ns=ordered.answer.answered_ns,
            until_ns=on.sent_ns,
            in_flight=ordered.answer.in_flight,
            place=ordered.place,
        )
    )


async def _still_silent(running: Product, agents: Sequence[Persona], seed: int) -> int:
    """How many agents, all on again, do not answer."""
    began_ns, dice = time.monotonic_ns(), random.Random(f"last/{seed}")
    firsts = [persona.customers[0] for persona in agents]
    for customer in firsts:
        await customer.say(running, customers.words(running, dice, "last"))
    answered = await asyncio.gather(*(c.is_answered(running, began_ns, _ANSWER_S) for c in firsts))
    return answered.count(False)


async def _is_off(running: Product, persona: Persona) -> bool:
    listed = (await running.operators.ask("GET", "agents")).body.get("items", [])
    return any(agent["name"] == persona.name and agent["status"] == "inactive" for agent in listed)


def _check(answer: Answered, what: str, tally: Tally) -> None:
    if answer.status != 200:
        tally.errors.append(f"{what}: {answer.status} {answer.body}")


async def _tell(tally: Tally, times: int) -> None:
    while True:
        await asyncio.sleep(10)
        say(f"{len(tally.orders)} of {times} switch-offs")


def _result(chosen: argparse.Namespace, tally: Tally, judged: Judged, counts: dict[str, int], took_s: float) -> Result:
    orders = tally.orders
    places = Counter(ordered.place for ordered in orders)
    measured: dict[str, Any] = {
        "bench": "switch-off",
        "channel": chosen.channel,
        "seed": chosen.seed,
        "dialogue": chosen.dialogue,
        "sabotage": chosen.sabotage,
        "times": len(orders),
        "agents": chosen.agents,
        "under_way_mean": round(sum(tally.under_way) / max(1, len(tally.under_way)), 2),
        "seconds": round(took_s, 1),
        "leaked": judged.leaked,
        "leaked_at": {place: n for place, n in judged.leaked_at.items() if n},
        "leaked_kinds": dict(judged.leaked_kinds),
        "stale": judged.stale if chosen.dialogue == "scripted" else None,
        "doubled": judged.doubled,
        **counts,
        "unanswered": tally.unanswered,
        "waited": sum(ordered.waited for ordered in orders),
        "in_flight_answers": sum(ordered.answer.in_flight > 0 for ordered in orders),
        "after_in_flight": judged.after_in_flight,
        "places": {name: places[name] for name in (*(p.value for p in Place), MISSED)},
        "switch_off_ms": {place: figures.times_ms(times) for place, times in silence.latency_ms(orders).items()},
        "errors": tally.errors[:5],
    }
    return Result(figures=measured, broken=broken_promises(measured))


def broken_promises(measured: dict[str, Any]) -> list[str]:
    promises = {
        "leaked": "requests of the assistant's arrived after a switch-off that said in_flight 0",
        "stale": "answers from before a switch-off arrived after the switch-on",
        "lost": "accepted messages have no verdict",
        "doubled": "requests were made twice",
        "unanswered": "agents that are on did not answer",
    }
    broken = [f"{measured[name]} {what}" for name, what in promises.items() if measured[name]]
    return broken + [f"a command failed: {error}" for error in measured["errors"]]


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./baton bench switch-off", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--channel", choices=state.CHANNELS, default="whatsapp")
    parser.add_argument("--agents", type=int, default=8, help="side by side, each with 2 numbers of 2 customers")
    parser.add_argument("--sabotage", choices=sabotage.OF_SILENCE, help="remove this guard")
    parser.add_argument("--dialogue", choices=("scripted", "rasa"), default="scripted")
    return entry.run(bench(parser.parse_args(argv)))
