"""A note in the dashboard's words."""

from __future__ import annotations

from typing import Any

from handover.schemas import instant
from store.notes import Note


def note_json(note: Note) -> dict[str, Any]:
    return {
        "id": str(note.id),
        "conversation": note.conversation_id,
        "author": note.by,
        "author_name": note.by,
        "content": note.text,
        "created_at": instant(note.at),
    }
