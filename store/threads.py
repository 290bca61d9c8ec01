"""Which app Meta lets write in a conversation, as far as we were told."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.conversation import ConversationId
from store import notices
from store.prepared import Prepared
from store.tables import conversations
from store.tables import notices as notices_table

#: What operators are told of it; the newest also tells when it was so.
NOTICE = "thread"
#: Asked of every message that comes in, so it costs as little as can be.
_ELSEWHERE = Prepared(
    sa.select(conversations.c.id).where(
        conversations.c.id == sa.bindparam("conversation"), conversations.c.thread_owner.is_not(None)
    )
)


def is_elsewhere(tx: Connection, conversation_id: ConversationId) -> bool:
    return _ELSEWHERE.first(tx, conversation=conversation_id) is not None


def told_at(tx: Connection, conversation_id: ConversationId) -> datetime | None:
    """By Meta's time, since when what we know last is so."""
    newest = (
        sa.select(notices_table.c.facts)
        .where(notices_table.c.conversation_id == conversation_id, notices_table.c.kind == NOTICE)
        .order_by(notices_table.c.id.desc())
        .limit(1)
    )
    facts = tx.execute(newest).scalar()
    return datetime.fromisoformat(facts["at"]) if facts else None


def tell(
    tx: Connection,
    conversation_id: ConversationId,
    holder: str | None,
    *,
    at: datetime,
    metadata: str | None,
    now: datetime,
) -> None:
    notices.add(tx, NOTICE, conversation_id, {"holder": holder, "metadata": metadata, "at": at.isoformat()}, now)
