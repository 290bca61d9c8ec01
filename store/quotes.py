"""The messages that others refer to: what was answered, or reacted to."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.conversation import ConversationId
from conversation.message import Message
from store import messages
from store.tables import messages as table


def of(tx: Connection, conversation_id: ConversationId, provider_ids: Collection[str]) -> dict[str, Message]:
    """Those of these that are in this conversation, by the provider's id."""
    if not provider_ids:
        return {}
    ours = sa.and_(table.c.conversation_id == conversation_id, table.c.provider_id.in_(list(provider_ids)))
    found = [messages.from_row(row) for row in tx.execute(sa.select(table).where(ours))]
    return {message.provider_id: message for message in found if message.provider_id is not None}


def named(tx: Connection, message_ids: Collection[int]) -> list[Message]:
    """Those with these ids, whatever conversations they are in."""
    if not message_ids:
        return []
    return [messages.from_row(row) for row in tx.execute(sa.select(table).where(table.c.id.in_(list(message_ids))))]
