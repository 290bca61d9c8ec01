"""conversation export: what customers wrote, for trainers to make examples of."""

from __future__ import annotations

import argparse
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec

from app import training_examples, wiring
from app.cli import path_of
from app.commands import with_house
from app.training_examples import Example, Wanted
from conversation.errors import BadInput, BatonError
from store import accounts, heard

_AT_ONCE = 200
_SPAN = re.compile(r"(\d{1,5})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 168}


def register(words: Any) -> None:
    export = words.add_parser("export", help="what customers wrote, as examples for trainers to review")
    export.add_argument("--since", default="7d", metavar="SPAN", help="7d, 36h, 2w or a date like 2026-12-24; 7d")
    export.add_argument(
        "--intent", action="append", default=[], metavar="NAME", help="decided as this; may be repeated"
    )
    export.add_argument("--max-confidence", type=float, metavar="X", help="the best guess at most so sure, 0 to 1")
    export.add_argument("--no-taken-over", action="store_true", help="without what was written to people")
    export.add_argument("--account", help="only this account's")
    export.add_argument("--format", choices=["nlu", "jsonl"], default="nlu")
    export.add_argument("--out", type=path_of, metavar="FILE", help="else it is printed")
    export.set_defaults(run=_export)


def _export(chosen: argparse.Namespace) -> None:
    if chosen.max_confidence is not None and not 0 <= chosen.max_confidence <= 1:
        raise BadInput("--max-confidence is from 0 to 1.")
    wanted = Wanted(
        intents=frozenset(chosen.intent), max_confidence=chosen.max_confidence, taken_over=not chosen.no_taken_over
    )

    async def read(house: wiring.House) -> tuple[list[Example], datetime]:
        now = house.clock.now()
        return await _examples(house, chosen, wanted, since=moment(chosen.since, now)), now

    found, now = with_house(read)
    if chosen.format == "nlu":
        text = training_examples.nlu_yaml(found, now)
    else:
        text = "".join(msgspec.json.encode(each).decode() + "\n" for each in found)
    if chosen.out is None:
        print(text, end="")
    else:
        _write(chosen.out, text)
        print(f"{len(found)} texts are in {chosen.out}. Read them before you train with them.")


async def _examples(
    house: wiring.House, chosen: argparse.Namespace, wanted: Wanted, *, since: datetime
) -> list[Example]:
    account_id = None
    if chosen.account is not None:
        account_id = (await house.db.read(accounts.get, chosen.account)).id
    all_of_them, after = [], -(2**62)  # what was fetched from the past has numbers below zero
    going_on: int | None = after
    while going_on is not None:
        found, going_on = await house.db.read(
            heard.page, since=since, after=going_on, limit=_AT_ONCE, account_id=account_id
        )
        all_of_them += [each for each in found if wanted.has(each)]
    names = await house.db.read(heard.operators_names)
    return training_examples.examples(all_of_them, wanted, names)


def moment(text: str, now: datetime) -> datetime:
    """`7d`: so long ago; a date or a time: that one, in UTC where it names no zone."""
    span = _SPAN.fullmatch(text)
    if span is not None:
        return now - timedelta(hours=int(span[1]) * _HOURS[span[2]])
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"--since {text!r} is neither a span like 7d, 36h or 2w nor a date like 2026-12-24.") from error
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise BatonError(f"{path} is there already.") from error
