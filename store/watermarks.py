"""What a contact has got, or read: told by the channel as a time, or a message, up to which it was all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.arrivals import SeenUpTo
from conversation.contact import ContactId
from conversation.conversation import ConversationId
from conversation.message import Direction, MessageStatus
from store.tables import conversations, messages, outbox

_BELOW = {
    MessageStatus.DELIVERED: (MessageStatus.ACCEPTED, MessageStatus.SENT),
    MessageStatus.READ: (MessageStatus.ACCEPTED, MessageStatus.SENT, MessageStatus.DELIVERED),
}
_COLUMN = {MessageStatus.DELIVERED: messages.c.delivered_at, MessageStatus.READ: messages.c.read_at}


@dataclass(frozen=True)
class Noted:
    """A message that is higher on the ladder now."""

    message_id: int
    provider_id: str | None
    conversation_id: ConversationId


def apply(tx: Connection, contact_id: ContactId, seen: SeenUpTo, now: datetime) -> list[Noted]:
    """Of those messages of ours, in their order."""
    ours = sa.and_(
        messages.c.conversation_id == _conversation_of(contact_id),
        messages.c.direction == Direction.OUTBOUND.value,
    )
    meant = [
        clause for clause in (_by_time(seen), _named(seen), _before_the_named(tx, ours, seen)) if clause is not None
    ]
    if not meant:
        return []
    below = messages.c.status.in_([status.value for status in _BELOW[seen.status]])
    which = sa.and_(ours, below, sa.or_(*meant))
    query = (
        sa.select(messages.c.id, messages.c.provider_id, messages.c.conversation_id)
        .where(which)
        .order_by(messages.c.id)
    )
    rows = tx.execute(query.with_for_update()).all()
    if found := [row.id for row in rows]:
        values: dict[str, Any] = {"status": seen.status.value, _COLUMN[seen.status].name: seen.at}
        tx.execute(messages.update().where(messages.c.id.in_(found), below).values(**values))
        # Reports on these requests have come: one of an earlier time that none names was, by all we know, not made.
        named = sa.and_(outbox.c.message_id.in_(found), outbox.c.reported_at.is_(None))
        tx.execute(outbox.update().where(named).values(reported_at=now))
    return [Noted(row.id, row.provider_id, row.conversation_id) for row in rows]


def _conversation_of(contact_id: ContactId) -> Any:
    return sa.select(conversations.c.id).where(conversations.c.contact_id == contact_id).scalar_subquery()


def _by_time(seen: SeenUpTo) -> Any:
    if seen.until is None:
        return None
    until = sa.literal(seen.until, messages.c.at.type)
    return sa.func.coalesce(messages.c.sent_at, messages.c.at) <= until


def _named(seen: SeenUpTo) -> Any:
    return messages.c.provider_id.in_(seen.provider_ids) if seen.provider_ids else None


def _before_the_named(tx: Connection, ours: Any, seen: SeenUpTo) -> Any:
    """Who has read a message has read those before it; what was delivered says nothing of others."""
    if not seen.provider_ids or seen.status is not MessageStatus.READ:
        return None
    last = tx.execute(sa.select(sa.func.max(messages.c.id)).where(ours, _named(seen))).scalar()
    return None if last is None else messages.c.id <= last
