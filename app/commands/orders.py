"""What can be ordered about a conversation: the words of `conversation` that change something."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from app import wiring
from app.commands import add_json, print_json, with_house
from conversation.conversation import Conversation
from conversation.errors import BadInput, Refused
from conversation.handover import Priority
from handover.schemas import done_json, note_json, thread_json
from runtime.ownership import Done
from runtime.thread_orders import Control
from store import conversations, notes, operators, tags

Work = Callable[[wiring.House, argparse.Namespace], Awaitable[Done]]


def register_orders(words: Any) -> None:
    """Whoever has this machine's command line orders over others' conversations; only a take must be told to."""
    take = order(words, "take", "a person has it from now on", _take)
    take.add_argument("--force", action="store_true", help="even if somebody else has it")
    _add_ownership(take)
    reply = order(words, "reply", "write to the customer; takes it first where nobody has it", _reply)
    reply.add_argument("text")
    reply.add_argument("--comment", type=int, metavar="MESSAGE", help="in private, to this comment")
    _add_ownership(reply)
    release = order(words, "release", "the assistant has it again", _release)
    release.add_argument("--answer-last", action="store_true", help="and answers the customer's last message")
    transfer = order(words, "transfer", "to somebody else, or into a team's queue", _transfer)
    transfer.add_argument("--to", metavar="NAME", help="an operator")
    transfer.add_argument("--team", help="a team, by its name or id")
    transfer.add_argument("--note", help="kept in the log")
    transfer.add_argument("--force", action="store_true", help="even to somebody offline or full")
    order(words, "resolve", "the matter is settled", lambda h, c: h.ownership.resolve(c.id, by=c.by, force=True))
    order(words, "close", "done with", lambda h, c: h.ownership.close(c.id, by=c.by, force=True))
    order(words, "reopen", "it is not settled", lambda h, c: h.ownership.reopen(c.id, by=c.by, force=True))
    snooze = order(words, "snooze", "not before then", _snooze)
    snooze.add_argument("--minutes", type=float)
    snooze.add_argument("--until", metavar="TIME", help="with its zone: 2026-12-24T09:00:00-03:00")
    request = order(words, "request", "ask for a person in the customer's place", _request)
    request.add_argument("--reason", default="operator")
    request.add_argument("--priority", choices=[each.value for each in Priority], default=Priority.MEDIUM.value)
    request.add_argument("--team", help="whose queue, by its name or id")
    order(words, "cancel", "nobody is wanted any more", lambda h, c: h.ownership.cancel(c.id, by=c.by))
    _register_thread(words)
    _register_notes(words)
    _register_tags(words)


def order(words: Any, name: str, help: str, work: Work, *, what: str = "id") -> Any:
    """A word that somebody orders, and that says how the conversation stands afterwards."""
    made = words.add_parser(name, help=help)
    made.add_argument(what, type=int if what == "request_id" else str, metavar="ID")
    add_as(made)
    add_json(made)
    made.set_defaults(run=lambda chosen: _run(chosen, work))
    return made


def add_as(parser: Any) -> None:
    parser.add_argument("--as", dest="by", required=True, metavar="NAME", help="who does it")


def _add_ownership(parser: Any) -> None:
    parser.add_argument("--ownership", type=int, metavar="N", help="only if the number is still this one")


def _run(chosen: argparse.Namespace, work: Work) -> None:
    async def carry_out(house: wiring.House) -> Done:
        if "id" in chosen:
            await seen_by(house, chosen.by, chosen.id)
        return await work(house, chosen)

    done = with_house(carry_out)
    if chosen.json:
        print_json(done_json(done))
        return
    conversation = done.conversation
    owner = f" ({conversation.owner})" if conversation.owner else ""
    left = f" {done.in_flight} message(s) of the assistant's may still arrive." if done.in_flight else ""
    print(f"{conversation.id}: {conversation.state.value}{owner}, {conversation.status.value}.{left}")


async def seen_by(house: wiring.House, name: str, conversation_id: str) -> Conversation:
    """The conversation. A name that is an operator's does only what that operator sees."""
    conversation = await house.db.read(conversations.get, conversation_id)
    operator = await house.db.read(operators.find, name)
    if operator is not None and not operator.may_see(conversation.account_id):
        raise Refused(f"{name} does not see this account's conversations.", code="no_account")
    return conversation


async def _take(house: wiring.House, chosen: argparse.Namespace) -> Done:
    return await house.ownership.take(chosen.id, by=chosen.by, ownership=chosen.ownership, force=chosen.force)


async def _reply(house: wiring.House, chosen: argparse.Namespace) -> Done:
    return await house.ownership.reply(
        chosen.id, chosen.text, by=chosen.by, ownership=chosen.ownership, comment=chosen.comment
    )


async def _release(house: wiring.House, chosen: argparse.Namespace) -> Done:
    return await house.ownership.release(chosen.id, by=chosen.by, force=True, answer_last=chosen.answer_last)


async def _transfer(house: wiring.House, chosen: argparse.Namespace) -> Done:
    return await house.ownership.transfer(
        chosen.id,
        by=chosen.by,
        to_operator=chosen.to,
        to_team=chosen.team,
        force=chosen.force,
        supervises=True,
        note=chosen.note,
    )


async def _snooze(house: wiring.House, chosen: argparse.Namespace) -> Done:
    if (chosen.minutes is None) == (chosen.until is None):
        raise BadInput("Say --until when, or for how many --minutes.")
    until = _instant(chosen.until) if chosen.until else house.clock.now() + timedelta(minutes=chosen.minutes)
    return await house.ownership.snooze(chosen.id, by=chosen.by, until=until)


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise BadInput(f"{text!r} is not a time like 2026-12-24T09:00:00-03:00.") from error
    if moment.tzinfo is None:
        raise BadInput(f"{text!r} needs its zone: 2026-12-24T09:00:00-03:00.")
    return moment


async def _request(house: wiring.House, chosen: argparse.Namespace) -> Done:
    return await house.ownership.request(
        chosen.id, by=chosen.by, reason=chosen.reason, priority=Priority(chosen.priority), team=chosen.team
    )


def _register_thread(words: Any) -> None:
    thread = words.add_parser("thread", help="which app Meta lets write; who of ours answers stays as it is")
    thread.add_argument("id")
    thread.add_argument("control", choices=[each.value for each in Control])
    thread.add_argument("--app", metavar="ID", help="whom it is passed to: an app's id, or inbox")
    thread.add_argument("--metadata", default="", help="for that app to read")
    add_as(thread)
    add_json(thread)
    thread.set_defaults(run=_thread)


def _thread(chosen: argparse.Namespace) -> None:
    async def work(house: wiring.House) -> Conversation:
        await seen_by(house, chosen.by, chosen.id)
        control = Control(chosen.control)
        order = house.thread_orders.order
        return await order(chosen.id, control, by=chosen.by, app=chosen.app, metadata=chosen.metadata)

    done = with_house(work)
    if chosen.json:
        print_json({"id": done.id, "thread": thread_json(done)})
        return
    print(f"{done.id}: {f'the app {done.thread_owner} may write' if done.thread_owner else 'no other app has it'}.")


def _register_notes(words: Any) -> None:
    note = words.add_parser("note", help="write a note, which the customer never sees; without a text: all notes")
    note.add_argument("id")
    note.add_argument("text", nargs="?")
    note.add_argument("--as", dest="by", metavar="NAME", help="who writes it")
    add_json(note)
    note.set_defaults(run=_note)


def _note(chosen: argparse.Namespace) -> None:
    if chosen.text is not None and chosen.by is None:
        raise BadInput("Say who writes it, with --as.")

    async def work(house: wiring.House) -> list[notes.Note]:
        conversation = await seen_by(house, chosen.by or "", chosen.id)
        if chosen.text is None:
            return await house.db.read(notes.of_conversation, conversation.id)
        now = house.clock.now()
        return [await house.db.write(notes.add, conversation.id, chosen.text, by=chosen.by, now=now)]

    for each in with_house(work):
        print_json(note_json(each)) if chosen.json else print(f"{each.at:%Y-%m-%d %H:%M}  {each.by:12} {each.text}")


def _register_tags(words: Any) -> None:
    for name, help, change in (
        ("tag", "a word by which it is found again", tags.put),
        ("untag", "takes a tag away", tags.remove),
    ):
        made = words.add_parser(name, help=help)
        made.add_argument("id")
        made.add_argument("tag")
        add_as(made)
        add_json(made)
        made.set_defaults(run=lambda chosen, change=change: _tag(chosen, change))


def _tag(chosen: argparse.Namespace, change: Any) -> None:
    async def work(house: wiring.House) -> list[str]:
        conversation = await seen_by(house, chosen.by, chosen.id)
        await house.db.write(change, conversation.id, chosen.tag, by=chosen.by, now=house.clock.now())
        return await house.db.read(tags.of_conversation, conversation.id)

    left = with_house(work)
    print_json({"id": chosen.id, "tags": left}) if chosen.json else print(
        " ".join(f"#{tag}" for tag in left) or "No tags."
    )
