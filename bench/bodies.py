"""Every webhook body in a folder, signed and posted to a running gateway; then each thing it told is looked for.

    ./baton bench bodies DIR

Each *.json under DIR holds one body, or a list of them. The channel is told by `object`, accounts are made from the
bodies themselves; what is no body of one of our channels is skipped and counted. All are posted one after the other,
over HTTP, and then all once more, as Meta repeats itself. What is looked for is found by walking over the JSON with
rules of the bench's own (bench/webhooks/told.py), not by the product's readers:

  not_200             bodies that were not answered with 200
  not_found           ids of events (messages, statuses, comments, and those that reactions, edits, deliveries and reads
                      are of) that are in no table
  wrong_conversation  messages whose contact is known by neither of the two ends in the body, or on another account
  unreadable          events that were kept as unreadable
  doubled             messages, or mail about them, that are there more than once after the second round

`kinds` counts what was kept, as what. Made-up bodies often give several messages one id, and all but the first would
be taken for its repetition: each after the first gets another id before it is posted (`reused_ids`). No worker runs:
nothing is answered. Breaks (exit 1) where one of the five is not 0.

--sabotage takes a guard out, and the run must break: drop-unknown (what is unfamiliar is not kept), one-of-a-batch
(only a body's first event is taken), no-dedup (what comes again is taken for new)."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.cli import path_of
from bench.harness import entry, sabotage
from bench.harness.entry import CannotMeasure, Result, say
from bench.services import postgres
from bench.webhooks import house, posting, told
from bench.webhooks.house import House
from bench.webhooks.kept import Found, Whose

_SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class Body:
    name: str
    channel: str
    json: dict[str, Any]

    @property
    def raw(self) -> bytes:
        return json.dumps(self.json).encode()  # escaped, as Meta sends it


async def measure(chosen: argparse.Namespace) -> Result:
    bodies, skipped = read(chosen.folder)
    if not bodies:
        raise CannotMeasure(f"There is no webhook body in {chosen.folder}.")
    reused = tell_apart(bodies)
    with contextlib.ExitStack() as stack:
        url = await asyncio.to_thread(stack.enter_context, postgres.wanted(chosen.database))
        numbers = [house.number(*each) for each in sorted(set().union(*(told.accounts(body.json) for body in bodies)))]
        async with house.opened(numbers, database=url, sabotage=chosen.sabotage) as opened:
            found = {"skipped": skipped, "accounts": len(numbers), "reused_ids": reused}
            return await _on(opened, bodies, found, chosen)


async def _on(opened: House, bodies: Sequence[Body], given: Mapping[str, int], chosen: argparse.Namespace) -> Result:
    say(f"{len(bodies)} bodies of {given['accounts']} accounts …")
    began = time.monotonic()
    statuses = await _post(opened, bodies)
    found = await opened.tables.anew()
    whose = await opened.tables.whose()
    again = await _post(opened, bodies)
    not_found, wrong = look(bodies, found, whose)
    for line in [*not_found, *wrong][:_SHOWN]:
        say(line)
    figures = {
        "bench": "bodies",
        "database": "sqlite" if chosen.database == "sqlite" else "postgresql",
        "sabotage": chosen.sabotage,
        "bodies": len(bodies),
        "channels": dict(sorted(Counter(body.channel for body in bodies).items())),
        **given,
        "ids": len({place.id for body in bodies for place in told.places(body.json)}),
        "seconds": round(time.monotonic() - began, 1),
        "not_200": sum(status != 200 for status in (*statuses, *again)),
        "not_found": len(not_found),
        "wrong_conversation": len(wrong),
        "unreadable": sum(n for kind, n in found.kinds.items() if kind.startswith("event unreadable")),
        "doubled": await opened.tables.doubled(),
        "kinds": dict(sorted(found.kinds.items())),
    }
    return Result(figures=figures, broken=_broken(figures))


def read(folder: Path) -> tuple[list[Body], int]:
    """The bodies, and how many pieces of JSON were none of ours."""
    bodies, skipped = [], 0
    for path in sorted(folder.rglob("*.json")):
        try:
            value = json.loads(path.read_text("utf-8"))
        except ValueError as error:
            raise CannotMeasure(f"{path} is not JSON: {error}.") from None
        for n, each in enumerate(value if isinstance(value, list) else [value]):
            channel = told.CHANNELS.get(str(each.get("object"))) if isinstance(each, dict) else None
            if channel is None:
                skipped += 1
            else:
                name = f"{path.relative_to(folder)}{f'[{n}]' if isinstance(value, list) else ''}"
                bodies.append(Body(name=name, channel=channel, json=each))
    return bodies, skipped


async def _post(opened: House, bodies: Sequence[Body]) -> list[int]:
    """One after the other: their order is the files'."""
    statuses = []
    for body in bodies:
        status = await posting.post(opened.running, body.channel, body.raw)
        if status != 200:
            say(f"{body.name} was answered with {status}")
        statuses.append(status)
    return statuses


def look(bodies: Sequence[Body], found: Found, whose: Mapping[str, list[Whose]]) -> tuple[list[str], list[str]]:
    """Which ids are nowhere, and which messages are with somebody else, each told in a line."""
    not_found, wrong = [], []
    moves = set().union(*(told.moves(body.json) for body in bodies))
    for id_, named in _by_id(bodies).items():
        first, ends = named[0], _and_now(frozenset().union(*(each.place.ends for each in named)), moves)
        accounts = {each.place.account for each in named}
        here = [kept for form in told.forms(id_) for kept in whose.get(form, [])]
        if not found.has(id_):
            not_found.append(f"{first.body.name}: {id_} is nowhere")
        elif ends and here and not any(ends & {told.same_end(address) for address in kept.addresses} for kept in here):
            wrong.append(f"{first.body.name}: {id_} is in a conversation with none of its ends")
        elif here and None not in accounts and not any(kept.account in accounts for kept in here):
            wrong.append(f"{first.body.name}: {id_} is with another account")
    return not_found, wrong


def _and_now(ends: frozenset[str], moves: AbstractSet[tuple[str, str]]) -> frozenset[str]:
    """With what they were known by later: who changes number takes their conversation along."""
    while more := frozenset(now for before, now in moves if before in ends) - ends:
        ends |= more
    return ends


@dataclass(frozen=True, kw_only=True)
class Named:
    body: Body
    place: told.Place


def _by_id(bodies: Sequence[Body]) -> dict[str, list[Named]]:
    found: dict[str, list[Named]] = {}
    for body in bodies:
        for place in told.places(body.json):
            found.setdefault(place.id or "", []).append(Named(body=body, place=place))
    return found


def tell_apart(bodies: Sequence[Body]) -> int:
    """Gives a message that has an earlier one's id another; how many had."""
    known: dict[tuple[str, str], str] = {}
    changed = 0
    for body in bodies:
        for place in told.places(body.json):
            whole = json.dumps([place.container, sorted(place.ends)], sort_keys=True)
            if place.own and known.setdefault((body.channel, place.id or ""), whole) != whole:
                changed += 1
                place.container[place.key] = f"{place.id}~{changed}"
    return changed


def _broken(figures: dict[str, Any]) -> list[str]:
    promises = {
        "not_200": "posts were not answered with 200",
        "not_found": "events are in no table",
        "wrong_conversation": "messages are in somebody else's conversation",
        "unreadable": "events could not be read",
        "doubled": "messages or mails are there more than once",
    }
    return [f"{figures[name]} {what}" for name, what in promises.items() if figures[name]]


def _folder(text: str) -> Path:
    path = path_of(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{path} is not a folder")
    return path


def main(argv: Sequence[str]) -> int:
    made = argparse.ArgumentParser(
        prog="./baton bench bodies", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("folder", type=_folder, metavar="DIR")
    made.add_argument("--sabotage", choices=sabotage.OF_WEBHOOKS)
    made.add_argument("--database", default="sqlite", help="sqlite, postgres (a server of our own) or a server's URL")
    return entry.run(measure(made.parse_args(argv)))
