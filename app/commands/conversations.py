"""conversation list | show | take | reply | release | transfer | …: as the API does it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from app import wiring
from app.commands import add_json, conversation_export, conversation_start, print_json, with_house
from app.commands.orders import register_orders
from conversation.conversation import HandoverState, Status
from conversation.message import Message
from handover.context import context_json
from handover.schemas import conversation_json, entry_json, handover_json
from handover.shapes import context as context_shapes
from handover.shapes import handovers as handover_shapes
from handover.shapes import messages as message_shapes
from handover.transcript import messages_json
from store import conversations, handovers, listing, messages, outbox
from store.listing import Line, Wanted

_PAGE = 200
_LANGUAGE = "en"  # of the command line


def register(commands: Any) -> None:
    words = commands.add_parser("conversation", help="look at, take, answer and give back").add_subparsers(
        dest="word", metavar="WORD", required=True
    )
    listing_ = words.add_parser("list", help="the latest first")
    listing_.add_argument("--account", help="only this account's")
    listing_.add_argument("--state", choices=[each.value for each in HandoverState])
    listing_.add_argument("--status", choices=[each.value for each in Status])
    listing_.add_argument("--owner", metavar="NAME")
    listing_.add_argument("--team")
    listing_.add_argument("--tag")
    listing_.add_argument("--unread", action="store_true", help="only those nobody has read")
    listing_.add_argument("--limit", type=int, default=1_000_000)
    add_json(listing_)
    listing_.set_defaults(run=_list)

    for name, help, run in (
        ("show", "what was said", _show),
        ("handover", "who has it, and who does the next thing", _handover),
        ("log", "every change of who answers: who, when, from, to, why", _log),
        ("context", "what somebody who takes over must know at once", _context),
    ):
        made = words.add_parser(name, help=help)
        made.add_argument("id")
        add_json(made)
        made.set_defaults(run=run)

    register_orders(words)
    conversation_start.register(words)
    conversation_export.register(words)


def _list(chosen: argparse.Namespace) -> None:
    for each in with_house(lambda house: _lines(house, chosen)):
        print_json(conversation_json(each)) if chosen.json else print(line_of(each))


async def _lines(house: wiring.House, chosen: argparse.Namespace) -> list[Line]:
    """Page by page, as the API gives them."""
    wanted = Wanted(
        account=chosen.account,
        state=HandoverState(chosen.state) if chosen.state else None,
        status=Status(chosen.status) if chosen.status else None,
        owner=chosen.owner,
        team=chosen.team,
        tag=chosen.tag,
        unread=chosen.unread,
    )
    found: list[Line] = []
    more = True
    while more and len(found) < chosen.limit:
        after = listing.Place.of(found[-1]) if found else None
        limit = min(_PAGE, chosen.limit - len(found))
        page = await house.db.read(listing.page, wanted, house.clock.now(), after=after, limit=limit)
        found, more = [*found, *page], len(page) == limit
    return found


def line_of(each: Line) -> str:
    conversation, who = each.conversation, each.contact.name or each.contact.id
    owner = f" ({conversation.owner})" if conversation.owner else ""
    status = "" if conversation.status is Status.OPEN else f", {conversation.status.value}"
    wish = f"  {each.request.priority.value}: {each.request.reason}" if each.request else ""
    tags = f"  #{' #'.join(each.tags)}" if each.tags else ""
    return (
        f"{conversation.id}  {each.account.name:20} {who:20} "
        f"{conversation.state.value}{owner}{status}  unread {conversation.unread}{wish}{tags}"
    )


def _show(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> tuple[list[Message], list[message_shapes.Message]]:
        await house.db.read(conversations.get, chosen.id)
        found = await house.db.read(messages.of_conversation, chosen.id)
        return found, await house.db.read(messages_json, found, _LANGUAGE)

    found, as_json = with_house(read)
    for each, facts in zip(found, as_json, strict=True):
        if chosen.json:
            print_json(facts)
            continue
        note = each.status.value if each.direction.value == "outbound" else (each.reason or "waiting")
        who, said = each.operator or each.author.value, each.text or f"[{each.kind}]"
        print(f"{each.at:%H:%M:%S}  {who:10} {said}  ({note})")


def _handover(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> handover_shapes.Handover:
        line = await house.db.read(listing.one, chosen.id, house.clock.now())
        return handover_json(line, await house.db.read(outbox.in_flight, conversation_id=chosen.id))

    _print_facts(chosen, with_house(read))


def _log(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> list[dict[str, Any]]:
        await house.db.read(conversations.get, chosen.id)
        return await house.db.read(handovers.log_of, chosen.id)

    for each in with_house(read):
        if chosen.json:
            print_json(entry_json(each))
            continue
        owners = f" ({each['owner_before'] or '-'} → {each['owner_after'] or '-'})"
        why = f"  {each['reason']}" if each["reason"] else ""
        print(
            f"{each['at']:%Y-%m-%d %H:%M:%S}  {each['by']:12} {each['command']:10} "
            f"{each['before']} → {each['after']}{owners}{why}"
        )


def _context(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> context_shapes.Context:
        return await house.db.read(context_json, chosen.id, house.clock.now(), _LANGUAGE)

    _print_facts(chosen, with_house(read))


def _print_facts(chosen: argparse.Namespace, facts: Mapping[str, Any]) -> None:
    """A line a fact; what is not there is left out."""
    if chosen.json:
        print_json(facts)
        return
    for name, value in facts.items():
        for each in value if isinstance(value, list) else [value]:
            if each not in (None, "", {}):
                print(f"{name:15} {_words(each)}")


def _words(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    return ", ".join(f"{name} {_words(each)}" for name, each in value.items() if each not in (None, "", [], {}))
