"""Whom somebody has introduced themselves to: by what has left, for what was withdrawn was told to nobody."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.conversation import Conversation, ConversationId
from conversation.message import Author, Direction, MessageStatus
from store.tables import contacts, messages

_NEVER_LEFT = [each.value for each in (MessageStatus.WITHDRAWN, MessageStatus.EXPIRED, MessageStatus.FAILED)]


def has_spoken(tx: Connection, conversation_id: ConversationId, author: Author) -> bool:
    return _has_left(tx, messages.c.conversation_id == conversation_id, messages.c.author == author.value)


def has_notice(tx: Connection, conversation: Conversation) -> bool:
    """Whether the notice was given, and with a message that left; one that retention took away had."""
    told_at = tx.execute(sa.select(contacts.c.notice_at).where(contacts.c.id == conversation.contact_id)).scalar()
    if told_at is None:
        return False
    with_it = (
        messages.c.conversation_id == conversation.id,
        messages.c.direction == Direction.OUTBOUND.value,
        messages.c.at == told_at,
    )
    is_kept = tx.execute(sa.select(messages.c.id).where(*with_it).limit(1)).first() is not None
    return not is_kept or _has_left(tx, *with_it)


def note(tx: Connection, conversation: Conversation, now: datetime) -> None:
    tx.execute(contacts.update().where(contacts.c.id == conversation.contact_id).values(notice_at=now))


def _has_left(tx: Connection, *which: Any) -> bool:
    left = messages.c.status.not_in(_NEVER_LEFT)
    return tx.execute(sa.select(messages.c.id).where(*which, left).limit(1)).first() is not None
