"""Signs that a person gives to a customer: that they are writing, that they have read. Best effort, no more."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from conversation.conversation import Conversation, HandoverState
from conversation.errors import NotOnChannel, NotOwner, Refused
from conversation.message import Author
from conversation.outbound import can
from conversation.said import say
from runtime.channel import Channels
from store import accounts, conversations, outbox
from store.outbox import Draft, Lane

#: Later it would be wrong.
_GOOD_FOR = timedelta(seconds=10)


def give(tx: Connection, channels: Channels, conversation_id: str, *, by: str, typing: bool, now: datetime) -> bool:
    """Whether there was anything to ask of the channel: a customer who never wrote has nothing to be marked as read."""
    conversation = conversations.lock(tx, conversation_id)
    _need_owner(conversation, by)
    if conversation.last_inbound_id is None:
        return False
    account = accounts.get(tx, conversation.account_id)
    bodies = channels[account.channel.value].signals(
        conversation.last_inbound_id, typing=typing, author=Author.OPERATOR
    )
    if not bodies:
        raise NotOnChannel(say("{channel} has no such sign.", channel=account.channel.value), can(account.channel))
    outbox.withdraw_signals(tx, conversation.id, now)
    for body in bodies:
        draft = Draft(body=body, author=Author.OPERATOR, lane=Lane.SIGNAL, expires_at=now + _GOOD_FOR)
        outbox.queue(tx, draft, conversation=conversation, account=account, agent=None, now=now)
    return True


def take_back(tx: Connection, conversation_id: str, *, by: str, now: datetime) -> None:
    """Those that have not left yet; what has left ends by itself within seconds."""
    conversation = conversations.lock(tx, conversation_id)
    _need_owner(conversation, by)
    outbox.withdraw_signals(tx, conversation.id, now)


def _need_owner(conversation: Conversation, by: str) -> None:
    if conversation.owner == by:
        return
    if conversation.state is HandoverState.HUMAN and conversation.owner is not None:
        raise NotOwner(conversation.owner)
    raise Refused(say("Take the conversation first."), code="take_first")
