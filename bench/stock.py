"""Stock Rasa behind its own `facebook` channel against ours, message for message: how long Meta waits, what it gets.

The same model, the same words, in turn in the same run; each message is of a new customer who expects one answer. With
1, 8, 32 and 128 webhooks under way at any time, and at a steady rate; the same body twice; bodies of three messages;
eight rapid messages of one customer, each answered by a custom action; and everything that thinks or sends killed with
SIGKILL after 20 of 60 answers, started again, and then every webhook that got no 200 sent once more, as Meta does.
Stock is Rasa 3.6.21 as people run it: `rasa run`, SQLite, `rasa run actions`. Ours is the whole product on SQLite.
Meta's stand-in answers at once; for the cost of a slow one see `slow-graph`.

What bounds the figures: everything shares this machine. Ours also pays for what stock does not do: durable accepting,
reports of what became of each send (two webhooks an answer from the stand-in), a richer stand-in. Stock's restart is
measured until its channel answers. Not measured: stock's other lock and tracker stores, a network.

Breaks (exit 1): ours lost or doubled an answer in any part. With --sabotage a guard is out and the run must break."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import itertools
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from app import models, settings
from bench.harness import entry, sabotage
from bench.harness.entry import CannotMeasure, Result, say
from bench.harness.product import Options
from bench.load import sides
from bench.load.sides import Side, Told

#: Answered by a custom action with one message, in `rasa` and `scripted` dialogues alike.
TEXT = "what are your opening hours?"
TARGET_RAPID_S = 1.0
SABOTAGES = ("early-200", "no-key")
_RAPID = 8
_KILLED, _KILL_AFTER = 60, 20
_PATIENCE_S = 180.0
#: How long a send of unknown fate waits for its witness: Meta's stand-in reports in a third of a second.
_WITNESS_S = "3"

Part = Callable[[Side], Awaitable[dict[str, Any]]]


async def measure(chosen: argparse.Namespace) -> Result:
    async with _both(chosen) as both:
        found: dict[str, dict[str, Any]] = {side.name: {} for side in both}
        for name, part in _parts(chosen).items():
            if chosen.parts and name not in chosen.parts:
                continue
            for side in both:
                say(f"{name}: {side.name} …")
                found[side.name][name] = await part(side)
    figures = {
        "bench": "stock",
        "dialogue": chosen.dialogue,
        "sabotage": chosen.sabotage,
        "target_rapid_s": TARGET_RAPID_S,
        "ours": found["ours"],
        "stock": found.get("stock"),
        "ratios": _ratios(found) if "stock" in found and not chosen.parts else None,
    }
    return Result(figures=figures, broken=broken_promises(found["ours"]))


@contextlib.asynccontextmanager
async def _both(chosen: argparse.Namespace) -> AsyncIterator[list[Side]]:
    options = Options(
        dialogue=chosen.dialogue,
        points=False,
        sabotage=chosen.sabotage,
        environment={"BATON_WITNESS_S": _WITNESS_S},
    )
    async with contextlib.AsyncExitStack() as stack:
        both: list[Side] = [await stack.enter_async_context(sides.ours(options))]
        if chosen.stock:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="baton-bench-")))
            both.insert(0, await stack.enter_async_context(sides.stock(home, _model())))
        for side in both:  # the first turns are slower
            await sides.tell(side, _new_customers(4), sides.in_turn(2), timeout_s=_PATIENCE_S)
        yield both


def _model() -> Path:
    model = models.newest(settings.ROOT / "models")
    if model is None:
        raise CannotMeasure("There is no model in models/. `./baton rasa train` makes one.")
    return model.path


def _parts(chosen: argparse.Namespace) -> dict[str, Part]:
    async def at_once(number: int, side: Side) -> dict[str, Any]:
        count = max(8, min(chosen.messages, number * 16))
        return (await _told(side, count, sides.in_turn(number))).as_json()

    async def steady(side: Side) -> dict[str, Any]:
        count = max(2, int(chosen.rate * chosen.seconds))
        return {"rate_per_s": chosen.rate, **(await _told(side, count, sides.steadily(chosen.rate))).as_json()}

    loads = {f"at_once_{number}": functools.partial(at_once, number) for number in chosen.at_once}
    return {
        **loads,
        "steady": steady,
        "same_body_twice": _twice,
        "bodies_of_three": _three,
        "rapid": _rapid,
        "killed": _kill,
    }


async def _told(side: Side, count: int, post: sides.Post) -> Told:
    return await sides.tell(side, _new_customers(count), post, timeout_s=_PATIENCE_S)


async def _twice(side: Side) -> dict[str, Any]:
    told = await sides.tell(side, _new_customers(10), sides.in_turn(2), timeout_s=_PATIENCE_S, repeated=2)
    return _counts(told)


async def _three(side: Side) -> dict[str, Any]:
    groups = [list(itertools.chain(*_new_customers(3))) for _ in range(5)]
    return _counts(await sides.tell(side, groups, sides.in_turn(1), timeout_s=_PATIENCE_S))


async def _rapid(side: Side) -> dict[str, Any]:
    """Seconds from the first of eight webhooks to the eighth answer, of one customer after the other."""
    took, lost, doubled = list[float](), 0, 0
    for _ in range(3):
        [[customer]] = _new_customers(1)
        told = await sides.tell(side, [[customer]] * _RAPID, sides.in_turn(_RAPID), timeout_s=_PATIENCE_S)
        lost, doubled = lost + told.lost, doubled + told.doubled
        took.append(told.seconds)
    return {"messages": _RAPID, "seconds": round(statistics.median(took), 2), "lost": lost, "doubled": doubled}


async def _kill(side: Side) -> dict[str, Any]:
    groups = _new_customers(_KILLED)
    everyone = {who for group in groups for who, _ in group}
    bodies = await side.bodies(groups)
    posting_them = asyncio.ensure_future(sides.in_turn(_KILLED)(side, bodies))
    if not await sides.until_answered(side, everyone, _KILL_AFTER, _PATIENCE_S):
        raise CannotMeasure(f"{side.name}: fewer than {_KILL_AFTER} answers before the kill.")
    await side.kill()
    before = await _by_customer(side, everyone)
    began = time.monotonic()
    await side.restart()
    up_again_s = time.monotonic() - began
    posted = list(await posting_them)
    await side.settled(_PATIENCE_S)
    alone = await _by_customer(side, everyone)
    again = [body for body in bodies if body.id not in {each.webhook.id for each in posted if each.accepted}]
    posted += await sides.in_turn(8)(side, again) if again else []
    await side.settled(_PATIENCE_S)
    arrivals = [each for each in await side.arrivals() if each.customer in everyone]
    told = Told(wanted=Counter(everyone), posted=posted, arrivals=arrivals)
    return {
        "messages": _KILLED,
        "answered_before": sum(before.values()),
        "got_a_200_before": _KILLED - len(again),
        "up_again_s": round(up_again_s, 1),
        "unanswered_without_meta_repeating": _KILLED - len(alone),
        **_counts(told),
    }


async def _by_customer(side: Side, everyone: set[str]) -> Counter[str]:
    return Counter(each.customer for each in await side.arrivals() if each.customer in everyone)


def _counts(told: Told) -> dict[str, Any]:
    whole = told.as_json()
    return {name: whole[name] for name in ("messages", "answered", "lost", "doubled")}


_customer_numbers = itertools.count(1)


def _new_customers(count: int) -> list[list[tuple[str, str]]]:
    """A message of each."""
    return [[(f"5511{next(_customer_numbers):09d}", TEXT)] for _ in range(count)]


def _ratios(found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    ours, stock = found["ours"], found["stock"]
    loads = [name for name in ours if name.startswith("at_once_")]
    return {
        "answered_per_s": {name: _by(ours[name]["answered_per_s"], stock[name]["answered_per_s"]) for name in loads},
        "ack_p50": {name: _by(ours[name]["ack_ms"]["p50"], stock[name]["ack_ms"]["p50"]) for name in loads},
        "rapid_seconds": _by(ours["rapid"]["seconds"], stock["rapid"]["seconds"]),
    }


def _by(mine: float, theirs: float) -> float | None:
    return round(mine / theirs, 3) if theirs else None


def broken_promises(ours: dict[str, dict[str, Any]]) -> list[str]:
    broken = []
    for name, part in ours.items():
        broken += [f"{name}: {part['lost']} accepted messages were never answered"] if part["lost"] else []
        broken += [f"{name}: {part['doubled']} answers too many arrived"] if part["doubled"] else []
    return broken


def _numbers(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 1,8,32") from None


def main(argv: Sequence[str]) -> int:
    made = argparse.ArgumentParser(
        prog="./baton bench stock", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--at-once", type=_numbers, default=[1, 8, 32, 128], metavar="LIST", help="as 1,8,32,128")
    made.add_argument("--messages", type=int, default=400, help="at most, with so many at once")
    made.add_argument("--rate", type=float, default=10, help="of the steady part, webhooks a second")
    made.add_argument("--seconds", type=float, default=20, help="of the steady part")
    made.add_argument("--dialogue", choices=("rasa", "scripted"), default="rasa", help="ours; stock's is Rasa's")
    made.add_argument("--no-stock", dest="stock", action="store_false", help="leave stock Rasa out")
    made.add_argument("--parts", type=lambda text: text.split(","), metavar="LIST", help="these alone, by their names")
    made.add_argument("--sabotage", choices=[name for name in SABOTAGES if name in sabotage.SABOTAGES])
    return entry.run(measure(made.parse_args(argv)))
