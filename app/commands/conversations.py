"""conversation list | show | take | release | reply: what the API does, from the command line of this machine."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from typing import Any

from app import wiring
from app.commands import add_json, print_json, with_house
from conversation.message import Message
from handover.schemas import conversation_json, done_json, message_json
from runtime.ownership import Done
from store import conversations, messages
from store.conversations import Listed


def register(commands: Any) -> None:
    words = commands.add_parser("conversation", help="look at, take, answer and give back").add_subparsers(
        dest="word", metavar="WORD", required=True
    )
    listing = words.add_parser("list", help="the latest first")
    listing.add_argument("--account", help="only this account's")
    listing.add_argument("--state", choices=["bot", "pending", "human"])
    listing.add_argument("--limit", type=int, default=1_000_000)
    add_json(listing)
    listing.set_defaults(run=_list)

    show = words.add_parser("show", help="what was said")
    show.add_argument("id")
    add_json(show)
    show.set_defaults(run=_show)

    _command(words, "take", "a person has it from now on", lambda house, c: house.ownership.take(c.id, by=c.by))
    _command(
        words,
        "release",
        "the assistant has it again",
        lambda house, c: house.ownership.release(c.id, by=c.by, force=True),
    )
    reply = _command(
        words,
        "reply",
        "write to the customer; takes it first where nobody has it",
        lambda house, c: house.ownership.reply(c.id, c.text, by=c.by),
    )
    reply.add_argument("text")


def _command(
    words: Any, name: str, help: str, work: Callable[[wiring.House, argparse.Namespace], Awaitable[Done]]
) -> Any:
    made = words.add_parser(name, help=help)
    made.add_argument("id")
    made.add_argument("--as", dest="by", required=True, metavar="NAME", help="who does it")
    add_json(made)

    def run(chosen: argparse.Namespace) -> None:
        done = with_house(lambda house: work(house, chosen))
        if chosen.json:
            print_json(done_json(done))
            return
        owner = f" ({done.conversation.owner})" if done.conversation.owner else ""
        left = f" {done.in_flight} message(s) of the assistant's may still arrive." if done.in_flight else ""
        print(f"{done.conversation.id}: {done.conversation.state.value}{owner}.{left}")

    made.set_defaults(run=run)
    return made


def _list(chosen: argparse.Namespace) -> None:
    from conversation.conversation import HandoverState

    async def read(house: wiring.House) -> list[Listed]:
        state = HandoverState(chosen.state) if chosen.state else None
        return await house.db.read(conversations.listed, account=chosen.account, state=state, limit=chosen.limit)

    for each in with_house(read):
        if chosen.json:
            print_json(conversation_json(each))
            continue
        who = each.contact.name or each.contact.id
        owner = f" ({each.conversation.owner})" if each.conversation.owner else ""
        print(
            f"{each.conversation.id}  {each.account.name:20} {who:20} "
            f"{each.conversation.state.value}{owner}  unread {each.conversation.unread}"
        )


def _show(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> list[Message]:
        await house.db.read(conversations.get, chosen.id)
        return await house.db.read(messages.of_conversation, chosen.id)

    for each in with_house(read):
        if chosen.json:
            print_json(message_json(each))
            continue
        note = each.status.value if each.direction.value == "outbound" else (each.reason or "waiting")
        who, said = each.operator or each.author.value, each.text or f"[{each.kind}]"
        print(f"{each.at:%H:%M:%S}  {who:10} {said}  ({note})")
