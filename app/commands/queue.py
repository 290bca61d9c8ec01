"""queue: who waits for a person, in the order they should be answered."""

from __future__ import annotations

import argparse
from typing import Any

from app import wiring
from app.commands import add_json, print_json, with_house
from app.commands.conversations import line_of
from handover.schemas import conversation_json
from store import accounts, listing
from store.listing import Line


def register(commands: Any) -> None:
    made = commands.add_parser("queue", help="who waits for a person, and who comes next")
    made.add_argument("--account", help="only this account's")
    made.add_argument("--team", help="only this team's")
    made.add_argument("--limit", type=int, default=100)
    add_json(made)
    made.set_defaults(run=_list)


def _list(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> list[Line]:
        account_ids = None
        if chosen.account is not None:
            account_ids = [(await house.db.read(accounts.get, chosen.account)).id]
        return await house.db.read(
            listing.waiting, house.clock.now(), account_ids=account_ids, team=chosen.team, limit=chosen.limit
        )

    found = with_house(read)
    for place, each in enumerate(found, start=1):
        if chosen.json:
            print_json(conversation_json(each))
            continue
        since = each.conversation.waiting_since
        print(f"{place:4}  {line_of(each)}" + (f"  since {since:%Y-%m-%d %H:%M}" if since else ""))
    if not found and not chosen.json:
        print("Nobody waits.")
