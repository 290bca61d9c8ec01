"""Notes: what operators write for each other about a conversation; the customer never sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.conversation import ConversationId
from conversation.errors import BadInput, NotFound
from store import notices
from store.tables import notes

_LONGEST = 10_000


@dataclass(frozen=True, kw_only=True)
class Note:
    id: int
    conversation_id: ConversationId
    by: str
    text: str
    at: datetime


def from_row(row: Any) -> Note:
    return Note(id=row.id, conversation_id=ConversationId(row.conversation_id), by=row.by, text=row.text, at=row.at)


def add(tx: Connection, conversation_id: ConversationId, text: str, *, by: str, now: datetime) -> Note:
    if not text.strip() or len(text) > _LONGEST:
        raise BadInput(f"A note needs a text, of {_LONGEST} characters at most.")
    row = {"conversation_id": conversation_id, "by": by, "text": text.strip(), "at": now}
    note_id = tx.execute(notes.insert(), row).inserted_primary_key[0]
    notices.add(tx, "note", conversation_id, {"note": note_id, "by": by}, now)
    return from_row(tx.execute(sa.select(notes).where(notes.c.id == note_id)).one())


def remove(tx: Connection, conversation_id: ConversationId, note_id: int, *, by: str, now: datetime) -> None:
    this = sa.and_(notes.c.id == note_id, notes.c.conversation_id == conversation_id)
    if not tx.execute(notes.delete().where(this)).rowcount:
        raise NotFound(f"This conversation has no note {note_id}.")
    notices.add(tx, "note", conversation_id, {"note": note_id, "by": by, "removed": True}, now)


def of_conversation(tx: Connection, conversation_id: str) -> list[Note]:
    """The oldest first."""
    these = sa.select(notes).where(notes.c.conversation_id == conversation_id).order_by(notes.c.id)
    return [from_row(row) for row in tx.execute(these)]
