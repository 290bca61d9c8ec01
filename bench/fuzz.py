"""Webhook bodies that nobody ever wrote, a hundred thousand of them: none is answered with 5xx, nothing is dropped.

    ./baton bench fuzz --channel messenger --seed 1 --bodies 100000

The bench's own bodies (bench/webhooks/seeds; and those of BATON_PAYLOADS, a folder, where it is set) are changed in one
to three places each: dropped, null, of another type, of an unknown kind, with odd characters, a key twice, nested,
cut off; and some are put together as entries of one. They are signed, and posted over HTTP to a running gateway with
its own database, twelve under way, one in twenty once more. Each has ids of its own, which the bench finds by walking
over the JSON with its own rules (bench/webhooks/told.py).

  five_xx       answered with 5xx, or not at all
  refused       well-formed JSON objects that were answered with 4xx; what is no JSON may be
  silent_drops  ids in bodies that got a 200 which are in no table
  doubled       messages, or mail about them, that are there more than once

Then two properties. `splits`: talks on two accounts, put into bodies, entries and lists in every random way, with
repetitions, go through the same reader, accepting and turns in this process with a dialogue that notes what it is
asked: the same turns, in each conversation in the same order. `accounts`: the same person's id on two accounts is two
contacts, and bodies signed by one app with another's account, alone or among its own, are refused whole.

Breaks (exit 1) where one of these is not so. --sabotage takes a guard out, and the run must break: drop-unknown (what
is unfamiliar is not kept), one-of-a-batch (only a body's first event is taken, as Rasa's own channel does), no-dedup
(what comes again is taken for new). Not measured: a worker's turns under all of it; see `ack` and `crash`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.cli import path_of
from bench import bodies
from bench.harness import entry, sabotage
from bench.harness.entry import CannotMeasure, Result, say
from bench.services import postgres
from bench.webhooks import crossing, fuzzing, house, splits, told
from bench.webhooks.crossing import Crossed
from bench.webhooks.splits import Split

_SEEDS = Path(__file__).parent / "webhooks" / "seeds"


async def measure(chosen: argparse.Namespace) -> Result:
    seeds = _seeds(chosen.channel)
    numbers = [house.number(*each) for each in sorted(set().union(*map(told.accounts, seeds)))]
    with contextlib.ExitStack() as stack:
        url = await asyncio.to_thread(stack.enter_context, postgres.wanted(chosen.database))
        everyone = [*numbers, *crossing.numbers(chosen.channel)]
        async with house.opened(everyone, database=url, sabotage=chosen.sabotage) as opened:
            say(f"{chosen.bodies} bodies of {chosen.channel}, made of {len(seeds)} …")
            fuzzed = await fuzzing.fuzz(opened, chosen.channel, seeds, chosen.bodies, chosen.seed)
            crossed = await crossing.check(opened, chosen.channel, chosen.talks, chosen.seed)
            doubled = await opened.tables.doubled()
    say(f"{chosen.talks} talks, split at random …")
    with contextlib.ExitStack() as stack:
        url = await asyncio.to_thread(stack.enter_context, postgres.wanted(chosen.database))
        if chosen.sabotage:
            sabotage.SABOTAGES[chosen.sabotage]()
        split = await splits.check(chosen.channel, chosen.talks, chosen.seed, url)
    figures = {
        "bench": "fuzz",
        "channel": chosen.channel,
        "database": "sqlite" if chosen.database == "sqlite" else "postgresql",
        "seed": chosen.seed,
        "sabotage": chosen.sabotage,
        "over": "http",
        "seeds": len(seeds),
        **fuzzed.as_json(),
        "doubled": doubled,
        "splits": dataclasses.asdict(split),
        "accounts": dataclasses.asdict(crossed),
    }
    return Result(figures=figures, broken=_broken(figures, split, crossed))


def _seeds(channel: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((_SEEDS / f"{channel}.json").read_text("utf-8"))
    payloads = os.environ.get("BATON_PAYLOADS")
    if payloads:
        folder = path_of(payloads)
        if not folder.is_dir():
            raise CannotMeasure(f"BATON_PAYLOADS is {folder}, which is not a folder.")
        theirs = [body.json for body in bodies.read(folder)[0] if body.channel == channel]
        found += [seed for seed in theirs if isinstance(seed.get("entry"), list)]  # entries are what is mixed
    return found


def _broken(figures: dict[str, Any], split: Split, crossed: Crossed) -> list[str]:
    counts = {
        "bodies were answered with 5xx, or not at all": figures["five_xx"],
        "well-formed bodies were refused": figures["refused"],
        "events in bodies that got a 200 are in no table": figures["silent_drops"],
        "messages or mails are there more than once": figures["doubled"],
        "turns are missing where events were split otherwise": split.missing,
        "turns are too many where events were split otherwise": split.more,
        "talks are out of order where events were split otherwise": split.out_of_order,
        "texts are with another account or contact than theirs": crossed.crossed,
        "bodies signed by another app were taken": crossed.taken,
        "bodies signed by the accounts' own app were refused": crossed.refused,
    }
    return [f"{count} {what}" for what, count in counts.items() if count]


def main(argv: Sequence[str]) -> int:
    made = argparse.ArgumentParser(
        prog="./baton bench fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--channel", choices=sorted(told.CHANNELS.values()), default="whatsapp")
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--bodies", type=int, default=100_000)
    made.add_argument("--talks", type=int, default=100, help="of each of the two properties")
    made.add_argument("--sabotage", choices=sabotage.OF_WEBHOOKS)
    made.add_argument("--database", default="sqlite", help="sqlite, postgres (a server of our own) or a server's URL")
    return entry.run(measure(made.parse_args(argv)))
