"""Notes: what operators write for each other about a conversation; the customer never sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation import versions
from conversation.conversation import ConversationId
from conversation.errors import BadInput, Forbidden, NotFound
from conversation.said import say
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
    version: int


def from_row(row: Any) -> Note:
    return Note(
        id=row.id,
        conversation_id=ConversationId(row.conversation_id),
        by=row.by,
        text=row.text,
        at=row.at,
        version=row.version,
    )


def add(tx: Connection, conversation_id: ConversationId, text: str, *, by: str, now: datetime) -> Note:
    row = {"conversation_id": conversation_id, "by": by, "text": _checked(text), "at": now}
    note_id = tx.execute(notes.insert(), row).inserted_primary_key[0]
    notices.add(tx, "note", conversation_id, {"note": note_id, "by": by}, now)
    return from_row(tx.execute(sa.select(notes).where(notes.c.id == note_id)).one())


def change(
    tx: Connection,
    conversation_id: ConversationId,
    note_id: int,
    text: str,
    *,
    by: str,
    version: int | None,
    of_anybody: bool,
    now: datetime,
) -> Note:
    """Its words anew; whose it is, and since when, stays. `version`: the one that was read before."""
    known = _locked(tx, conversation_id, note_id, by, of_anybody=of_anybody)
    versions.check(known.version, version)
    values = {"text": _checked(text), "version": known.version + 1}
    tx.execute(notes.update().where(notes.c.id == note_id).values(**values))
    notices.add(tx, "note", conversation_id, {"note": note_id, "by": by, "edited": True}, now)
    return from_row(tx.execute(sa.select(notes).where(notes.c.id == note_id)).one())


def remove(
    tx: Connection, conversation_id: ConversationId, note_id: int, *, by: str, of_anybody: bool, now: datetime
) -> None:
    _locked(tx, conversation_id, note_id, by, of_anybody=of_anybody)
    tx.execute(notes.delete().where(notes.c.id == note_id))
    notices.add(tx, "note", conversation_id, {"note": note_id, "by": by, "removed": True}, now)


def of_conversation(tx: Connection, conversation_id: str) -> list[Note]:
    """The oldest first."""
    these = sa.select(notes).where(notes.c.conversation_id == conversation_id).order_by(notes.c.id)
    return [from_row(row) for row in tx.execute(these)]


def _locked(tx: Connection, conversation_id: ConversationId, note_id: int, by: str, *, of_anybody: bool) -> Note:
    """The note, if it is theirs, or they may change anybody's."""
    this = sa.and_(notes.c.id == note_id, notes.c.conversation_id == conversation_id)
    row = tx.execute(sa.select(notes).where(this).with_for_update()).first()
    if row is None:
        raise NotFound(say("This conversation has no note {note}.", note=note_id))
    if row.by != by and not of_anybody:
        raise Forbidden(say("It is somebody else's note."))
    return from_row(row)


def _checked(text: str) -> str:
    if not text.strip() or len(text) > _LONGEST:
        raise BadInput(say("A note needs a text, of {most} characters at most.", most=_LONGEST))
    return text.strip()
