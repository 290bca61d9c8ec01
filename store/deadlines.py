"""Deadlines of conversations: rows, so that they survive a restart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.conversation import ConversationId
from conversation.deadlines import Deadline
from store.tables import deadlines


def put(tx: Connection, conversation_id: ConversationId, found: Mapping[Deadline, datetime]) -> None:
    """These, in the place of all there were. The conversation's row is locked by whoever asks."""
    tx.execute(deadlines.delete().where(deadlines.c.conversation_id == conversation_id))
    if found:
        tx.execute(
            deadlines.insert(),
            [{"conversation_id": conversation_id, "kind": kind.value, "due_at": due} for kind, due in found.items()],
        )


def of_conversation(tx: Connection, conversation_id: str) -> dict[Deadline, datetime]:
    rows = tx.execute(sa.select(deadlines).where(deadlines.c.conversation_id == conversation_id))
    return {Deadline(row.kind): row.due_at for row in rows}


def due(tx: Connection, now: datetime, limit: int = 200) -> list[tuple[ConversationId, Deadline]]:
    """Those whose time has come, the earliest first."""
    rows = tx.execute(sa.select(deadlines).where(deadlines.c.due_at <= now).order_by(deadlines.c.due_at).limit(limit))
    return [(ConversationId(row.conversation_id), Deadline(row.kind)) for row in rows]


def still_due(tx: Connection, conversation_id: ConversationId, kind: Deadline, now: datetime) -> bool:
    """Asked again once the conversation is locked: another process may have seen to it."""
    this = sa.select(deadlines.c.due_at).where(
        deadlines.c.conversation_id == conversation_id, deadlines.c.kind == kind.value
    )
    due_at: datetime | None = tx.execute(this).scalar()
    return due_at is not None and due_at <= now
