"""Which app Meta lets write to a contact. It never changes the handover state: whoever had the conversation has it.

While another app may write, the gate records; when the thread passes away, what the assistant meant to say is withdrawn
and what waits is not its to answer. Meta tells of it in two ways: by an event, and by where the contact's messages come
in: field `messages` goes to the app that may write, `standby` to the others. The second is believed as well, because
the event's body is not confirmed and one that we missed would leave a customer unanswered for good.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy.engine import Connection

from conversation.arrivals import ThreadControl
from conversation.conversation import Conversation, ConversationId
from store import conversations, mailbox, outbox, threads

log = structlog.get_logger()

#: Another app, which nobody has named.
SOME_APP = "app"
_HOLDER_LENGTH, _METADATA_LENGTH = 80, 300


def take_note(tx: Connection, conversation_id: ConversationId, control: ThreadControl, now: datetime) -> None:
    """An event says who may write. One that comes after a later one changes nothing."""
    told_at = threads.told_at(tx, conversation_id)
    if told_at is not None and control.at < told_at:
        log.info("thread_event_late", conversation=conversation_id)
        return
    metadata = control.metadata and control.metadata[:_METADATA_LENGTH]
    _put(tx, conversation_id, control.holder, control.at, metadata, now)


def heard_in_standby(tx: Connection, conversation_id: ConversationId, at: datetime, now: datetime) -> None:
    """Another app may write. An event of the same second weighs more: it may be what came of this very message."""
    told_at = threads.told_at(tx, conversation_id)
    known = threads.is_elsewhere(tx, conversation_id)
    if not known and (told_at is None or at > told_at):
        _put(tx, conversation_id, SOME_APP, at, None, now)


def heard_as_ours(tx: Connection, conversation_id: ConversationId, at: datetime, now: datetime) -> None:
    """Meta gave us the message, so we may write; in doubt too: silence would strand the customer."""
    if not threads.is_elsewhere(tx, conversation_id):
        return
    told_at = threads.told_at(tx, conversation_id)
    if told_at is None or at >= told_at:
        _put(tx, conversation_id, None, at, None, now)


def ordered(
    tx: Connection,
    conversation_id: ConversationId,
    holder: str | None,
    metadata: str | None,
    at: datetime,
    now: datetime,
) -> Conversation:
    """Meta did what we asked of it at that moment: nobody else has the thread (None), or this app."""
    _put(tx, conversation_id, holder, at, metadata and metadata[:_METADATA_LENGTH], now)
    return conversations.get(tx, conversation_id)


def _put(
    tx: Connection,
    conversation_id: ConversationId,
    holder: str | None,
    at: datetime,
    metadata: str | None,
    now: datetime,
) -> None:
    """The ownership number moves when the thread passes away, so that a turn in thought is thrown away; on return the
    next turn starts from the known point, as after a person."""
    before = conversations.lock(tx, conversation_id)
    holder = holder and holder[:_HOLDER_LENGTH]
    if before.thread_owner is None and holder is not None:
        conversations.change(tx, before.id, thread_owner=holder, ownership=before.ownership + 1)
        mailbox.mark_seen_by_person(tx, before.id)
        outbox.withdraw_bot_rows(tx, before.id, now)
    elif before.thread_owner is not None and holder is None:
        conversations.change(tx, before.id, thread_owner=None, return_due=True)
    else:
        conversations.change(tx, before.id, thread_owner=holder)
    threads.tell(tx, before.id, holder, at=at, metadata=metadata, now=now)
