"""request list | show | approve | reject: who wants a person, and what becomes of it."""

from __future__ import annotations

import argparse
from typing import Any

from app import wiring
from app.commands import add_json, print_json, with_house
from app.commands.orders import order, seen_by
from conversation.handover import RequestState
from handover.schemas import request_json
from runtime.ownership import Done
from store import listing, requests
from store.requests import Request


def register(commands: Any) -> None:
    words = commands.add_parser("request", help="wishes for a person: look, approve, turn down").add_subparsers(
        dest="word", metavar="WORD", required=True
    )
    listed = words.add_parser("list", help="the newest first")
    listed.add_argument("--state", choices=[each.value for each in RequestState])
    listed.add_argument("--limit", type=int, default=100)
    add_json(listed)
    listed.set_defaults(run=_list)

    show = words.add_parser("show", help="one of them")
    show.add_argument("request_id", type=int, metavar="ID")
    add_json(show)
    show.set_defaults(run=_show)

    approve = order(words, "approve", "somebody takes it", _approve, what="request_id")
    approve.add_argument("--to", metavar="NAME", help="who takes it; else who approves")
    approve.add_argument("--force", action="store_true", help="even somebody offline or full")
    reject = order(words, "reject", "nobody will come, and the customer is told", _reject, what="request_id")
    reject.add_argument("--note", help="kept in the log")


def _list(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> list[Request]:
        state = RequestState(chosen.state) if chosen.state else None
        return await house.db.read(listing.asked, state=state, limit=chosen.limit)

    _print(chosen, with_house(read))


def _show(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> list[Request]:
        return [await house.db.read(requests.get, chosen.request_id)]

    _print(chosen, with_house(read))


def _print(chosen: argparse.Namespace, found: list[Request]) -> None:
    for each in found:
        if chosen.json:
            print_json(request_json(each))
            continue
        ended = f" by {each.ended_by}" if each.ended_by else ""
        print(
            f"{each.id:6}  {each.conversation_id}  {each.created_at:%Y-%m-%d %H:%M}  "
            f"{each.priority.value:7} {each.state.value}{ended}  {each.reason}"
        )


async def _approve(house: wiring.House, chosen: argparse.Namespace) -> Done:
    await _seen(house, chosen)
    return await house.ownership.approve(chosen.request_id, by=chosen.by, to_operator=chosen.to, force=chosen.force)


async def _reject(house: wiring.House, chosen: argparse.Namespace) -> Done:
    await _seen(house, chosen)
    return await house.ownership.reject(chosen.request_id, by=chosen.by, note=chosen.note)


async def _seen(house: wiring.House, chosen: argparse.Namespace) -> None:
    request = await house.db.read(requests.get, chosen.request_id)
    await seen_by(house, chosen.by, request.conversation_id)
