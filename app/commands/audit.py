"""audit list | verify | export"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import msgspec

from app import wiring
from app.cli import path_of
from app.commands import add_json, print_json, with_house
from conversation.errors import BatonError
from handover.audit import entry_json, verified_json
from store import audit
from store.audit import Entry

_AT_ONCE = 500


def register(commands: Any) -> None:
    words = commands.add_parser("audit", help="who did what; nothing can be taken out of it").add_subparsers(
        dest="word", metavar="WORD", required=True
    )
    listing = words.add_parser("list", help="the latest entries, the oldest of them first")
    listing.add_argument("--by", metavar="NAME", help="only what this operator did")
    listing.add_argument("--limit", type=int, default=50, metavar="N")
    add_json(listing)
    listing.set_defaults(run=_list)

    verify = words.add_parser("verify", help="works out every hash anew; exit 1 where an entry was changed")
    verify.add_argument("--head", metavar="HASH", help="a last hash kept elsewhere: it must be in the log")
    add_json(verify)
    verify.set_defaults(run=_verify)

    export = words.add_parser("export", help="all of it to a file, one JSON line an entry")
    export.add_argument("file", type=path_of)
    export.set_defaults(run=_export)


def _list(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> list[Entry]:
        return await house.db.read(audit.latest, limit=chosen.limit, by=chosen.by)

    for entry in with_house(read):
        if chosen.json:
            print_json(entry_json(entry))
        else:
            facts = " ".join(f"{name}={value}" for name, value in entry.facts.items())
            print(f"{entry.id:>6}  {_shown(entry.at)}  {entry.by:20} {entry.action:24} {facts}")


def _verify(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> tuple[audit.Verified, bool]:
        found = await house.db.read(audit.verify)
        return found, chosen.head is None or await house.db.read(audit.has, chosen.head)

    found, is_whole = with_house(read)
    if chosen.json:
        print_json(verified_json(found))
    if found.broken_at is not None:
        raise BatonError(f"Entry {found.broken_at} does not follow from the one before it: the log was changed.")
    if not is_whole:
        raise BatonError(f"{chosen.head} is not in the log: it was cut off, or is another one.")
    if not chosen.json:
        print(f"{found.rows} entries, each follows from the one before it. The last one's hash: {found.head}")


def _export(chosen: argparse.Namespace) -> None:
    path: Path = chosen.file

    async def write(house: wiring.House) -> int:
        after, count = 0, 0
        with path.open("xb") as file:
            while found := await house.db.read(audit.entries, after=after, limit=_AT_ONCE):
                _write(file, found)
                after, count = found[-1].id, count + len(found)
        return count

    try:
        count = with_house(write)
    except FileExistsError as error:
        raise BatonError(f"{path} is there already.") from error
    print(f"{count} entries are in {path}.")


def _write(file: Any, entries: Sequence[Entry]) -> None:
    for entry in entries:
        file.write(msgspec.json.encode(entry_json(entry)) + b"\n")


def _shown(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
