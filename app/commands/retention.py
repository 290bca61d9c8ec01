"""retention show | set | run: how long what is kept."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from app import wiring
from app.commands import add_json, print_json, with_house
from conversation.errors import BadInput
from conversation.retention_settings import DEFAULTS
from runtime.retention import SETTING
from store import settings

FOREVER = "forever"
_BY = "command line"


def register(commands: Any) -> None:
    words = commands.add_parser("retention", help="how many days what is kept: show, set, run").add_subparsers(
        dest="word", metavar="WORD", required=True
    )
    show = words.add_parser("show", help="the days of each kind")
    add_json(show)
    show.set_defaults(run=_show)

    change = words.add_parser("set", help="takes effect at the next run, within hours")
    change.add_argument("kind", choices=list(DEFAULTS))
    change.add_argument("days", help=f"a whole number, or {FOREVER}")
    change.set_defaults(run=_set)

    run = words.add_parser("run", help="deletes now what is too old; otherwise that is done every few hours")
    add_json(run)
    run.set_defaults(run=_run)


def _show(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> Mapping[str, Any]:
        return (await house.db.read(settings.get, SETTING)).value

    _print(with_house(read), as_json=chosen.json)


def _print(days: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(dict(days))
        return
    for kind, count in days.items():
        print(f"{kind:18} {FOREVER if count is None else f'{count} days'}")


def _set(chosen: argparse.Namespace) -> None:
    if chosen.days != FOREVER and not (chosen.days.isascii() and chosen.days.isdigit()):
        raise BadInput(f"Days are a whole number, or {FOREVER}.")
    days = None if chosen.days == FOREVER else int(chosen.days)

    async def write(house: wiring.House) -> None:
        await house.db.write(settings.change, SETTING, {chosen.kind: days}, by=_BY, now=house.clock.now())

    with_house(write)
    print(f"{chosen.kind}: {FOREVER if days is None else f'{days} days'}.")


def _run(chosen: argparse.Namespace) -> None:
    async def run(house: wiring.House) -> Mapping[str, int]:
        return await house.retention.sweep()

    deleted = {kind: count for kind, count in with_house(run).items() if count}
    if chosen.json:
        print_json(deleted)
        return
    for kind, count in deleted.items():
        print(f"{kind:18} {count} deleted")
    if not deleted:
        print("Nothing is too old.")
