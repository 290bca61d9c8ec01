"""canned add | list | set | remove: replies that are written once, with fields for what differs."""

from __future__ import annotations

import argparse
from typing import Any

from app import wiring
from app.commands import add_json, print_json, with_house
from conversation.canned import FIELDS
from handover.schemas import canned_json
from store import accounts, canned
from store.canned import CannedReply

_FIELDS = ", ".join(f"{{{name}}}" for name in FIELDS)


def register(commands: Any) -> None:
    words = commands.add_parser("canned", help="replies that are written once").add_subparsers(
        dest="word", metavar="WORD", required=True
    )
    listed = words.add_parser("list", help="all of them")
    listed.add_argument("--account", help="what may be sent from this account")
    add_json(listed)
    listed.set_defaults(run=_list)

    add = words.add_parser("add", help="a new one")
    _add_parts(add)
    add.set_defaults(run=_add)

    change = words.add_parser("set", help="another text in its place")
    change.add_argument("id", type=int)
    _add_parts(change)
    change.set_defaults(run=_set)

    remove = words.add_parser("remove", help="by its number, as `canned list` shows it")
    remove.add_argument("id", type=int)
    remove.set_defaults(run=_remove)


def _add_parts(parser: Any) -> None:
    parser.add_argument("shortcut", help="what an operator types after the slash")
    parser.add_argument("text", help=f"with fields: {_FIELDS}")
    parser.add_argument("--language", default="pt", help="of the text: pt, en")
    parser.add_argument("--account", help="only for this account")
    parser.add_argument("--as", dest="by", default="admin", metavar="NAME", help="who wrote it")
    add_json(parser)


def _list(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> list[CannedReply]:
        if chosen.account is None:
            return await house.db.read(canned.all_of)
        account = await house.db.read(accounts.get, chosen.account)
        return await house.db.read(canned.for_account, account.id)

    for each in with_house(read):
        _print(chosen, each)


def _add(chosen: argparse.Namespace) -> None:
    async def add(house: wiring.House) -> CannedReply:
        return await house.db.write(canned.add, now=house.clock.now(), **_given(chosen))

    _print(chosen, with_house(add))


def _set(chosen: argparse.Namespace) -> None:
    async def change(house: wiring.House) -> CannedReply:
        return await house.db.write(canned.change, chosen.id, now=house.clock.now(), **_given(chosen))

    _print(chosen, with_house(change))


def _given(chosen: argparse.Namespace) -> dict[str, Any]:
    return {
        "shortcut": chosen.shortcut,
        "language": chosen.language,
        "text": chosen.text,
        "by": chosen.by,
        "account_id": chosen.account,
    }


def _remove(chosen: argparse.Namespace) -> None:
    async def remove(house: wiring.House) -> None:
        await house.db.write(canned.remove, chosen.id)

    with_house(remove)
    print(f"The reply {chosen.id} is removed.")


def _print(chosen: argparse.Namespace, each: CannedReply) -> None:
    if chosen.json:
        print_json(canned_json(each))
    else:
        print(f"{each.id:5}  /{each.shortcut:14} {each.language}  {each.account_id or 'all':24} {each.text}")
