"""What is said to a customer, written down: the row people read, what its buttons stand for, the request to Meta."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from conversation.account import Account
from conversation.agent import Agent
from conversation.conversation import Conversation, ConversationId
from conversation.ids import new_id
from conversation.message import Author, MessageStatus
from runtime import approved, bubbles, initiating, spending
from runtime.channel import Channel, Rendered, Utterance
from runtime.settings import RuntimeSettings
from store import buttons, messages, notices, outbox
from store.outbox import Draft, Lane


def queue_answer(
    tx: Connection,
    channel: Channel,
    utterances: Sequence[Utterance],
    *,
    conversation: Conversation,
    account: Account,
    agent: Agent,
    settings: RuntimeSettings,
    now: datetime,
) -> bool:
    """The assistant's answer of one turn, a read receipt before it. The rows carry the numbers they may leave under.

    Whether all of it may leave: what is beyond the account's limit of a day is withheld, and shown as that.
    """
    whole = True
    expires_at = now + timedelta(seconds=settings.answer_ttl_s)
    outbox.withdraw_signals(tx, conversation.id, now)
    if settings.read_receipts and conversation.last_inbound_id:
        for seen in channel.signals(conversation.last_inbound_id, typing=False, author=Author.BOT):
            draft = Draft(body=seen, author=Author.BOT, lane=Lane.SIGNAL, expires_at=expires_at)
            outbox.queue(tx, draft, conversation=conversation, account=account, agent=agent, now=now)
    if account.channel_settings.join_bubbles:
        utterances = bubbles.joined(utterances, channel)
    for utterance in utterances:
        for made in channel.render(_aimed(utterance, conversation), lambda: new_id("b")):
            rendered = approved.told(tx, account, made)
            if rendered.unfit is not None:
                message_id = write_message(tx, conversation.id, rendered, Author.BOT, now)
                messages.set_status(tx, message_id, MessageStatus.FAILED, error=f"not sent: {rendered.unfit}")
                continue
            stop = initiating.may_begin(tx, account, conversation, rendered, now)
            if stop is None and not spending.may_leave(tx, account, rendered, now):
                stop = spending.LIMIT
            message_id = write_message(tx, conversation.id, rendered, Author.BOT, now)
            if stop is not None:
                messages.set_status(tx, message_id, MessageStatus.WITHDRAWN, error=stop)
                whole = False
                continue
            draft = Draft(body=rendered.body, author=Author.BOT, message_id=message_id, expires_at=expires_at)
            outbox.queue(tx, draft, conversation=conversation, account=account, agent=agent, now=now)
    return whole


def _aimed(utterance: Utterance, conversation: Conversation) -> Utterance:
    """A reaction, and what is to quote, is for the customer's last message."""
    if utterance.custom.get("type") == "reaction" or utterance.custom.get("quote") is True:
        return replace(utterance, quotes=conversation.last_inbound_id)
    return utterance


def queue_typing(
    tx: Connection,
    channel: Channel,
    *,
    conversation: Conversation,
    account: Account,
    agent: Agent,
    now: datetime,
) -> None:
    """The sign carries the numbers the turn was started under, so it does not outlive the right to speak."""
    if not conversation.last_inbound_id:
        return
    for body in channel.signals(conversation.last_inbound_id, typing=True, author=Author.BOT):
        draft = Draft(body=body, author=Author.BOT, lane=Lane.SIGNAL, expires_at=now + timedelta(seconds=10))
        outbox.queue(tx, draft, conversation=conversation, account=account, agent=agent, now=now)


def write_message(
    tx: Connection,
    conversation_id: ConversationId,
    rendered: Rendered,
    author: Author,
    now: datetime,
    operator: str | None = None,
    reply_to: str | None = None,
) -> int:
    """The row people read, with what each button of it stands for."""
    buttons.add(tx, conversation_id, [*rendered.buttons, *rendered.numbered], now)
    content = dict(rendered.content)
    if rendered.buttons:
        content["buttons"] = [button.title for button in rendered.buttons]
    if rendered.numbered:
        content["numbered"] = [button.title for button in rendered.numbered]
    message_id = messages.add_outbound(
        tx,
        conversation_id,
        author=author,
        kind=rendered.kind,
        text=rendered.text,
        content=content,
        at=now,
        operator=operator,
        reply_to=reply_to,
    )
    notices.add(tx, "message", conversation_id, {"message": message_id, "direction": "outbound"}, now)
    return message_id
