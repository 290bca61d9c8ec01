"""webhook list | show | redrive: what came, what became of it, and once more."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from app import wiring
from app.commands import add_json, print_json, with_house
from conversation.errors import BadInput
from conversation.webhook import Webhook, WebhookState
from handover.webhook_events import webhook_json, whole_json
from store import webhooks


def register(commands: Any) -> None:
    words = commands.add_parser("webhook", help="what came from the channels: list, show, redrive").add_subparsers(
        dest="word", metavar="WORD", required=True
    )
    listing = words.add_parser("list", help="the latest first")
    listing.add_argument("--state", choices=[state.value for state in WebhookState])
    listing.add_argument("--limit", type=int, default=50)
    add_json(listing)
    listing.set_defaults(run=_list)

    show = words.add_parser("show", help="one of them, with its body; tokens in it are masked")
    show.add_argument("id", type=int)
    show.set_defaults(run=_show)

    redrive = words.add_parser("redrive", help="has it taken in once more; what is known of it changes nothing")
    redrive.add_argument("id", type=int, nargs="*", help="as `webhook list` shows it")
    redrive.add_argument("--parked", action="store_true", help="all that was tried too often")
    add_json(redrive)
    redrive.set_defaults(run=_redrive)


def _list(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> list[Webhook]:
        state = WebhookState(chosen.state) if chosen.state else None
        return await house.db.read(webhooks.listed, limit=chosen.limit, state=state)

    found = with_house(read)
    for each in found:
        if chosen.json:
            print_json(webhook_json(each))
            continue
        fault = f"  {each.error}" if each.error else ""
        print(
            f"{each.id:6}  {each.received_at:%Y-%m-%d %H:%M:%S}  {each.channel:10} {each.state.value:10} "
            f"tried {each.attempts}  {','.join(each.kinds)}{fault}"
        )
    if not found and not chosen.json:
        print("There is none.")


def _show(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> tuple[Webhook, str]:
        return await house.db.read(webhooks.with_body, chosen.id)

    print_json(whole_json(*with_house(read)))


def _redrive(chosen: argparse.Namespace) -> None:
    if bool(chosen.id) == chosen.parked:
        raise BadInput("Say which webhooks are to be taken in again, by their numbers, or --parked.")

    async def write(house: wiring.House) -> list[int]:
        return await house.db.write(_ask, chosen.id, house.clock.now())

    asked = with_house(write)
    if chosen.json:
        print_json({"asked": asked})
    else:
        print(f"{len(asked)} will be taken in again by whatever runs." if asked else "Nothing is parked.")


def _ask(tx: Connection, ids: list[int], now: datetime) -> list[int]:
    """All of them or none."""
    wanted = ids or webhooks.parked(tx)
    for webhook_id in wanted:
        webhooks.get(tx, webhook_id)
        webhooks.ask_again(tx, webhook_id, now)
    return wanted
