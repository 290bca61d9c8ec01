"""mail list | retry: what the assistant could not be brought to answer."""

from __future__ import annotations

import argparse
from typing import Any

from sqlalchemy.engine import Connection

from app import wiring
from app.commands import add_json, print_json, with_house
from conversation.errors import BadInput, NotFound
from handover.schemas import parked_json
from store import mailbox
from store.mailbox import Parked


def register(commands: Any) -> None:
    words = commands.add_parser("mail", help="messages that were tried too often: look, try again").add_subparsers(
        dest="word", metavar="WORD", required=True
    )
    listing = words.add_parser("list", help="what is parked, the oldest first")
    add_json(listing)
    listing.set_defaults(run=_list)

    retry = words.add_parser("retry", help="tries it again from the start; who may speak is asked as ever")
    retry.add_argument("id", type=int, nargs="*", help="as `mail list` shows it")
    retry.add_argument("--all", action="store_true", help="all that is parked")
    add_json(retry)
    retry.set_defaults(run=_retry)


def _list(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> list[Parked]:
        return await house.db.read(mailbox.parked)

    found = with_house(read)
    for each in found:
        if chosen.json:
            print_json(parked_json(each))
            continue
        said = " ".join((each.text or f"[{each.kind.value}]").split())
        print(
            f"{each.id:6}  {each.conversation_id}  {each.arrived_at:%Y-%m-%d %H:%M}  "
            f"failed {each.attempts}, crashed {each.crashes}: {each.error or 'unknown'}  «{said[:60]}»"
        )
    if not found and not chosen.json:
        print("Nothing is parked.")


def _retry(chosen: argparse.Namespace) -> None:
    if bool(chosen.id) == chosen.all:
        raise BadInput("Say which mail is to be tried again, by its numbers from `./baton mail list`, or --all.")

    async def write(house: wiring.House) -> list[int]:
        return await house.db.write(_take_out, chosen.id)

    again = with_house(write)
    if chosen.json:
        print_json({"retried": again})
    else:
        print(f"{len(again)} will be tried again now." if again else "Nothing is parked.")


def _take_out(tx: Connection, ids: list[int]) -> list[int]:
    """All of them or none."""
    wanted = ids or [each.id for each in mailbox.parked(tx)]
    missing = [mail_id for mail_id in wanted if not mailbox.retry(tx, mail_id)]
    if missing:
        raise NotFound(f"Not parked: {', '.join(map(str, missing))}. `./baton mail list` shows what is.")
    return list(wanted)
