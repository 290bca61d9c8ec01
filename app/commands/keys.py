"""keys list | rotate"""

from __future__ import annotations

import argparse
from datetime import datetime, timezone
from typing import Any

from app import keys, wiring
from app.commands import add_json, print_json, with_house
from app.keys import KeyLine, Rotated


def register(commands: Any) -> None:
    words = commands.add_parser("keys", help="the key that tokens and app secrets are encrypted with").add_subparsers(
        dest="word", metavar="WORD", required=True
    )
    listing = words.add_parser("list", help="how old each key is, and how much is sealed with it; never the key")
    add_json(listing)
    listing.set_defaults(run=_list)

    rotate = words.add_parser("rotate", help="a new key; everything is sealed anew, and nothing has to be restarted")
    add_json(rotate)
    rotate.set_defaults(run=_rotate)


def _list(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> list[KeyLine]:
        return await keys.listed(house.db, house.settings)

    for line in with_house(read):
        if chosen.json:
            made_at = line.made_at.isoformat() if line.made_at else None
            print_json({"made_at": made_at, "sealed": line.sealed, "seals": line.seals})
        else:
            use = "seals and opens" if line.seals else "opens what is left"
            print(f"{_age(line.made_at):20} {use:20} {line.sealed} value(s)")


def _age(made_at: datetime | None) -> str:
    if made_at is None:
        return "of unknown age"
    days = (datetime.now(timezone.utc) - made_at).days
    return f"{days} day(s) old"


def _rotate(chosen: argparse.Namespace) -> None:
    async def rotate(house: wiring.House) -> tuple[Rotated, bool]:
        return await keys.rotate(house.db, house.settings), house.settings.keys_are_given

    done, given = with_house(rotate)
    if chosen.json:
        print_json({"values": done.values, "keys": done.keys_left})
        return
    print(f"{done.values} value(s) are sealed with the new key.")
    if given:
        print("Nothing is sealed with an older one: start everything with the first key of BATON_KEY alone.")
    elif done.keys_left > 1:
        print("Something is still sealed with an older key, which is kept; rotate again.")
    else:
        print("The old key is gone. A backup made before now holds it and is still whole.")
