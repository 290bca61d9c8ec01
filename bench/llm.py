"""Language models that hang, stream garbage, refuse and order: the other conversations go on, nobody is left alone.

The whole product with the trained model; the emulator's stand-in for language models misbehaves by its models' names.

  1. Customers of an account whose agent is the trained model write, one message after the other: `rasa_ms.quiet`.
  2. Customers of agents that think with a language model write, all at once: --hanging of them to one that takes the
     request and says nothing, --each to every other trouble. While those hang, the first customers write as before:
     `rasa_ms.busy`, `ratio` between the two. Each of the others must get an answer, the trained model's if need be.
  3. --takes operators take conversations whose language model is being asked: one that hangs, one that answers in the
     midst of it, in turn. What arrives at Meta's stand-in between the take's answer and the release has leaked.

`unanswered`: messages without any answer. `held_up`: messages to the trained model, said in the first half of the time
in which the others hang, that were not answered until the first of these was given up. `kept_asking`: requests to a
language model that were under way still when the taken conversation was given back. `leaked`, `doubled`, `lost`: as in
`takeover`. Exit 1 where one is not 0.

What bounds the figures: all processes share this machine, and the language models' trouble costs it something too.

--sabotage removes one guard, and the same run must report it: no-fallback (unanswered), no-lending (held_up),
no-giving-up (kept_asking), no-llm-fence (leaked).
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.harness import customers, entry, figures, product, sabotage, silence, state
from bench.harness.customers import Customer
from bench.harness.entry import CannotMeasure, Result, say
from bench.harness.product import Options, Product
from bench.harness.silence import Silence
from bench.harness.state import Cast
from bench.thinking import judge, models
from bench.thinking.judge import Hanging, Round

_ANSWER_S = 60.0
#: Longer than `later` takes to answer, and than a request goes on that nobody needs.
_WATCH_S = 2.5
_QUESTION = "qual é o horário de vocês?"
Groups = dict[str, list[Customer]]


async def bench(chosen: argparse.Namespace) -> Result:
    groups = _groups(chosen)
    everyone = [customer for group in groups.values() for customer in group]
    numbers = state.many(len(everyone))
    for customer, number in zip(everyone, numbers, strict=True):
        customer.number = number.provider_id
    agents = [name for name, group in groups.items() for _ in group]
    named = [state.Number(provider_id=n.provider_id, agent=agent) for n, agent in zip(numbers, agents, strict=True)]
    options = Options(cast=Cast(numbers=named), dialogue="rasa", sabotage=chosen.sabotage, project=chosen.project)
    async with product.running(options) as running:
        await customers.meet(running, everyone)
        await _set_up(running, groups, chosen.timeout_s)
        await _first_of_all(running, groups["first"][0])
        say(f"{len(everyone)} conversations. The trained model, alone …")
        quiet = await _rounds(running, groups["rasa"], chosen.rounds)
        busy, unanswered, window = await _beside_troubles(running, groups, chosen)
        say(f"{chosen.takes} takes while a language model is asked …")
        silences, kept_asking = await _takes(running, groups, chosen)
        requests = await running.journal.whole()
        found = await customers.verdicts(running, everyone)
    judged = silence.judge(requests, silences)
    times = {name: figures.times_ms(_ms(rounds)) for name, rounds in (("quiet", quiet), ("busy", busy))}
    measured: dict[str, Any] = {
        "bench": "llm",
        "seed": chosen.seed,
        "sabotage": chosen.sabotage,
        "hanging": chosen.hanging,
        "troubled": chosen.each * len(models.TROUBLES),
        "timeout_s": chosen.timeout_s,
        "rasa_ms": times,
        "ratio": judge.ratio(times["busy"], times["quiet"]),
        "during": len(judge.during(busy, window)),
        "takes": len(silences),
        "unanswered": unanswered + sum(each.answered_ns is None for each in quiet),
        "held_up": judge.held_up(busy, window),
        "leaked": judged.leaked,
        "kept_asking": kept_asking,
        "doubled": judged.doubled,
        "lost": found.lost,
    }
    return Result(figures=measured, broken=judge.broken(measured))


def _groups(chosen: argparse.Namespace) -> Groups:
    """By the agent's name: the trained model's, one for each trouble, and two whose conversations are taken."""
    sizes = {"rasa": chosen.beside, "first": 1, "hangs": chosen.hanging, **dict.fromkeys(models.TROUBLES, chosen.each)}
    sizes |= {"taken-hangs": (chosen.takes + 1) // 2, "taken-later": chosen.takes // 2}
    phones = iter(range(10**8))
    return {
        name: [Customer(phone=f"55119{next(phones):08d}", number="") for _ in range(n)] for name, n in sizes.items()
    }


async def _set_up(running: Product, groups: Groups, timeout_s: float) -> None:
    await models.answers_late(running)
    of = {"first": models.WELL, "hangs": models.HANGS, "taken-hangs": models.HANGS, "taken-later": models.LATER}
    for name, group in groups.items():
        if group and name != "rasa":
            patience = timeout_s if name in ("hangs", *models.TROUBLES) else 40.0
            await models.thinks(running, name, of.get(name, name), patience)


async def _first_of_all(running: Product, customer: Customer) -> None:
    """A worker imports the providers' client when it first asks: that is none of what is measured."""
    answered = await _round(running, customer, _QUESTION)
    if answered.answered_ns is None or not await models.asked(running):
        raise CannotMeasure("The stand-in for language models was not asked.")


async def _rounds(running: Product, group: Sequence[Customer], count: int) -> list[Round]:
    async def one(customer: Customer) -> list[Round]:
        return [await _round(running, customer, _QUESTION) for _ in range(count)]

    return [each for rounds in await entry.together(*(one(customer) for customer in group)) for each in rounds]


async def _round(running: Product, customer: Customer, text: str) -> Round:
    said_ns = time.monotonic_ns()
    await customer.say(running, text)
    # A read receipt or a typing sign is no answer.
    found = await running.journal.arrived(
        customer.number, lambda r: r.received_ns > said_ns and customers.is_bots(r) and bool(r.text), _ANSWER_S
    )
    return Round(said_ns=said_ns, answered_ns=found.received_ns if found else None)


async def _beside_troubles(
    running: Product, groups: Groups, chosen: argparse.Namespace
) -> tuple[list[Round], int, Hanging]:
    """The trained model's rounds, how many of the others were not answered, and how long those that hang hung."""
    troubled = [c for name, group in groups.items() if name in ("hangs", *models.TROUBLES) for c in group]
    say(f"{len(troubled)} customers of language models in trouble, {len(groups['rasa'])} of the trained model …")
    others = [
        asyncio.create_task(_round(running, customer, f"{_QUESTION} ({n})")) for n, customer in enumerate(troubled)
    ]
    try:
        await _until_they_hang(running, chosen.hanging)
        busy = await _rounds(running, groups["rasa"], chosen.rounds)
        rounds = await asyncio.gather(*others)
    finally:
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
    window = judge.hanging(await models.asked(running))
    if window is None:
        raise CannotMeasure("No language model hung.")
    if not judge.during(busy, window):
        raise CannotMeasure("Half of the hanging was over before anybody else wrote: it needs a longer --timeout-s.")
    return busy, sum(each.answered_ns is None for each in rounds), window


async def _until_they_hang(running: Product, count: int) -> None:
    """All of them, or as many as there are after a while: without the guard they never are."""
    deadline = time.monotonic() + 3.0
    while time.monotonic() < deadline:
        asked = [each for each in await models.asked(running) if each.model == models.HANGS and each.ended_ns is None]
        if len(asked) >= count:
            return
        await asyncio.sleep(0.05)


async def _takes(running: Product, groups: Groups, chosen: argparse.Namespace) -> tuple[list[Silence], int]:
    taken = [*groups["taken-hangs"], *groups["taken-later"]]
    found = await entry.together(*(_take(running, c, chosen.seed, n) for n, c in enumerate(taken)))
    return [each for each, _ in found], sum(kept for _, kept in found)


async def _take(running: Product, customer: Customer, seed: int, number: int) -> tuple[Silence, bool]:
    """While its language model is asked; and whether that was still so when it was given back."""
    dice, mark = random.Random(f"llm/{seed}/{number}"), f"{_QUESTION} [{number}]"
    await customer.say(running, mark)
    if not await models.until_asked(running, mark, _ANSWER_S):
        raise CannotMeasure("A language model was not asked.")
    await asyncio.sleep(dice.uniform(0.0, models.LATER_MS / 1000 - 0.2))
    answer = await running.operators.take(customer.conversation_id)
    if answer.status != 200:
        raise CannotMeasure(f"A take was answered {answer.status}: {answer.body}")
    await asyncio.sleep(_WATCH_S)
    kept = any(mark in each.text and each.ended_ns is None for each in await models.asked(running))
    released = await running.operators.release(customer.conversation_id)
    stretch = Silence(
        numbers=frozenset({customer.number}),
        from_ns=answer.answered_ns,
        until_ns=released.sent_ns,
        in_flight=answer.in_flight,
        place="asking",
    )
    return stretch, kept


def _ms(rounds: Sequence[Round]) -> list[float]:
    return [figures.ms(each.said_ns, each.answered_ns) for each in rounds if each.answered_ns is not None]


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./baton bench llm", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hanging", type=int, default=24, help="customers of a language model that hangs")
    parser.add_argument("--each", type=int, default=2, help="customers of each other trouble")
    parser.add_argument("--beside", type=int, default=8, help="customers of the trained model")
    parser.add_argument("--rounds", type=int, default=10, help="messages of each of these, alone and beside")
    parser.add_argument("--takes", type=int, default=20)
    parser.add_argument("--timeout-s", type=float, default=20.0, help="how long an agent waits for its language model")
    parser.add_argument("--project", type=Path, help="a trained Rasa project; else this one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sabotage", choices=sabotage.OF_LLMS, help="remove this guard")
    return entry.run(bench(parser.parse_args(argv)))
