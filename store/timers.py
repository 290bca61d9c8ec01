"""Timers of conversations: Rasa's reminders, which survive a restart here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.conversation import ConversationId
from conversation.mail import MailKind
from store import mailbox
from store.tables import timers


@dataclass(frozen=True, kw_only=True)
class Change:
    """A timer to be set, or a rule for which of the conversation's timers are to go."""

    name: str | None = None
    due_at: datetime | None = None
    payload: Mapping[str, Any] | None = None
    cancels: Callable[[Mapping[str, Any]], bool] | None = None


def apply(tx: Connection, conversation_id: ConversationId, changes: Sequence[Change]) -> None:
    for change in changes:
        if change.cancels is not None:
            for name, payload in of_conversation(tx, conversation_id).items():
                if change.cancels(payload):
                    cancel(tx, conversation_id, name)
        elif change.name is not None and change.due_at is not None:
            put(tx, conversation_id, change.name, change.due_at, dict(change.payload or {}))


def put(tx: Connection, conversation_id: ConversationId, name: str, due_at: datetime, payload: dict[str, Any]) -> None:
    """One timer of a name per conversation: a later one takes the earlier one's place, as Rasa's reminders do."""
    cancel(tx, conversation_id, name)
    tx.execute(timers.insert(), dict(conversation_id=conversation_id, name=name, due_at=due_at, payload=payload))


def cancel(tx: Connection, conversation_id: ConversationId, name: str) -> None:
    tx.execute(timers.delete().where(timers.c.conversation_id == conversation_id, timers.c.name == name))


def of_conversation(tx: Connection, conversation_id: ConversationId) -> dict[str, dict[str, Any]]:
    rows = tx.execute(sa.select(timers.c.name, timers.c.payload).where(timers.c.conversation_id == conversation_id))
    return {row.name: row.payload for row in rows}


def due(tx: Connection, now: datetime) -> bool:
    return tx.execute(sa.select(timers.c.id).where(timers.c.due_at <= now).limit(1)).first() is not None


def fire(tx: Connection, now: datetime, limit: int = 100) -> int:
    """Makes mail of what fell due. The actor asks the gate whether it may still speak."""
    fallen_due = sa.select(timers).where(timers.c.due_at <= now).order_by(timers.c.due_at).limit(limit)
    rows = tx.execute(fallen_due.with_for_update(skip_locked=True)).all()  # the others' are those of other workers
    for row in rows:
        tx.execute(timers.delete().where(timers.c.id == row.id))
        mailbox.append(tx, ConversationId(row.conversation_id), MailKind.REMINDER, now=now, payload=row.payload)
    return len(rows)
