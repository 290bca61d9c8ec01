"""A person writes to a customer: one transaction, in which all of it is queued or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from conversation import outbound as rules
from conversation import window
from conversation.account import Account
from conversation.arrivals import COMMENT, REACTION, SIGNALS
from conversation.conversation import Conversation, ConversationId, HandoverState, Status
from conversation.errors import BadInput, NotFound, Refused, WindowClosed
from conversation.handover import Command
from conversation.ids import new_id
from conversation.message import Author, Message
from conversation.outbound import Outbound
from conversation.people import Presence
from conversation.said import say
from runtime import approved, initiating, introducing, private_replies, replying, spending
from runtime.announcing import joined
from runtime.channel import Channels, Rendered
from runtime.saying import write_message
from runtime.tracker_notes import said_by_person
from store import (
    accounts,
    comments,
    conversations,
    handovers,
    idempotency,
    messages,
    operators,
    outbox,
    people,
    trackers,
)
from store.idempotency import Once
from store.outbox import Draft


@dataclass(frozen=True, kw_only=True)
class Sent:
    """Where the conversation stood when it was queued."""

    conversation: Conversation
    message_ids: tuple[int, ...]


class SentBefore(Exception):
    """It was, under the same key: nothing is done, and nothing is written down as done."""

    def __init__(self, sent: Sent) -> None:
        super().__init__("sent before")
        self.sent = sent


def send(
    tx: Connection,
    channels: Channels,
    conversation_id: str,
    outbound: Outbound,
    *,
    by: str,
    ownership: int | None,
    once: Once | None,
    now: datetime,
    takes: bool = True,
) -> Sent:
    """Takes the conversation first where nobody has it. Raises `SentBefore` where `once` says so.

    Not `takes`: whoever has the conversation has it still, and what they were about to say is said.
    """
    if once is not None:
        told = idempotency.hold(tx, once, ConversationId(conversation_id), now)
        if told is not None:
            raise SentBefore(_as_told(tx, conversation_id, told))
    sent = _send(tx, channels, conversation_id, outbound, by, ownership, now, takes)
    if once is not None:
        idempotency.keep(tx, once, to_be_told(sent))
    return sent


def sent_before(tx: Connection, conversation_id: str, once: Once) -> Sent | None:
    told = idempotency.find(tx, once)
    return None if told is None else _as_told(tx, conversation_id, told)


def is_there(tx: Connection, name: str, now: datetime) -> None:
    """Who takes or writes is there, whatever was said before. The command line's names need be no operator's."""
    operator = operators.find(tx, name)
    if operator is not None and operator.presence is Presence.OFFLINE:
        people.set_presence(tx, name, Presence.ONLINE, now)


def _send(
    tx: Connection,
    channels: Channels,
    conversation_id: str,
    outbound: Outbound,
    by: str,
    ownership: int | None,
    now: datetime,
    takes: bool,
) -> Sent:
    if takes:
        change = handovers.command(tx, conversation_id, Command.REPLY, by=by, now=now, ownership=ownership)
        conversation, account = change.after, change.account
    else:
        conversation = conversations.lock(tx, conversation_id)
        account = accounts.get(tx, conversation.account_id)
    if account.removed_at is not None:
        raise Refused(
            say("{account} was removed: nothing can be sent from it.", account=account.name), code="account_removed"
        )
    rules.need_channel(outbound, account.channel)
    approved.check(tx, outbound.special, account)
    comment = None
    if outbound.comment is not None:
        comment = private_replies.answerable(tx, conversation.id, outbound.comment, now)
    if not outbound.opens_window:
        _need_window(account, conversation, now)
    is_there(tx, by, now)
    quotes = None if outbound.quotes is None else _quotable(tx, conversation.id, outbound.quotes)
    made = _rendered(tx, channels, outbound, quotes, conversation, account, now)
    if comment is not None:
        made = private_replies.addressed(made, comment)
    initiating.begin(tx, account, conversation, made, now)
    spending.spend(tx, account, made, now)
    outbox.withdraw_signals(tx, conversation.id, now)
    ids = []
    for rendered in made:
        answers = quotes if rendered is made[0] else None
        message_id = write_message(tx, conversation.id, rendered, Author.OPERATOR, now, by, answers)
        draft = Draft(body=rendered.body, author=Author.OPERATOR, message_id=message_id)
        outbox.queue(tx, draft, conversation=conversation, account=account, agent=None, now=now)
        replying.take_along(tx, rendered, message_id)
        if comment is not None:
            comments.answer_with(tx, message_id, comment)
        ids.append(message_id)
    if conversation.arrival_due and outbound.special is None:
        conversations.change(tx, conversation.id, arrival_due=False)
    trackers.append(tx, conversation.id, [said_by_person(outbound.words or made[0].text, by, now)], now=now)
    return Sent(conversation=conversation, message_ids=tuple(ids))


def _rendered(
    tx: Connection,
    channels: Channels,
    outbound: Outbound,
    quotes: str | None,
    conversation: Conversation,
    account: Account,
    now: datetime,
) -> Sequence[Rendered]:
    text = ""
    if outbound.special is None:
        text = introducing.by_person(tx, joined(outbound.text, conversation, account), conversation, account, now)
    first, *others = replying.utterances(tx, replace(outbound, text=text), account)
    channel = channels[account.channel.value]
    said = [replace(first, quotes=quotes), *others]
    made = [each for utterance in said for each in channel.render(utterance, lambda: new_id("b"))]
    if not made:
        raise BadInput(say("Nothing of it can be sent."))
    unfit = next((each.unfit for each in made if each.unfit is not None), None)
    if unfit is not None:
        raise BadInput(say("It can't be sent: {why}.", why=unfit))
    return [approved.told(tx, account, each) for each in made]


def _quotable(tx: Connection, conversation_id: ConversationId, message_id: int) -> str:
    """The channel's id of a message that can be answered or reacted to."""
    message = messages.find(tx, message_id)
    if message is None or message.conversation_id != conversation_id:
        raise NotFound(say("There is no message {message} in this conversation.", message=message_id))
    if not _can_be_quoted(message):
        raise BadInput(say("Message {message} can't be answered or reacted to by itself.", message=message_id))
    return str(message.provider_id)


def _can_be_quoted(message: Message) -> bool:
    """The channel has told us its id, it is still there, and it is a message."""
    is_one = message.kind not in {REACTION, COMMENT, *SIGNALS}
    return message.provider_id is not None and message.removed_at is None and is_one


def _need_window(account: Account, conversation: Conversation, now: datetime) -> None:
    """Nothing is taken either, where a person may not write now."""
    allowed = window.may_write(account, Author.OPERATOR, conversation.last_inbound_at, now)
    if isinstance(allowed, window.Rule):
        raise WindowClosed(allowed.words["en"], code=allowed.code, channel=account.channel.value)


def to_be_told(sent: Sent) -> dict[str, Any]:
    conversation = sent.conversation
    return {
        "state": conversation.state.value,
        "status": conversation.status.value,
        "owner": conversation.owner,
        "ownership": conversation.ownership,
        "messages": list(sent.message_ids),
    }


def _as_told(tx: Connection, conversation_id: str, told: dict[str, Any]) -> Sent:
    """As it stood then, whatever has become of it."""
    then = replace(
        conversations.get(tx, conversation_id),
        state=HandoverState(told["state"]),
        status=Status(told["status"]),
        owner=told["owner"],
        ownership=told["ownership"],
    )
    return Sent(conversation=then, message_ids=tuple(told["messages"]))
