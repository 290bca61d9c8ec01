"""What customers say of the help they had: asked for at the end, given as a number from 1 to 5."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation import rating
from conversation.conversation import ConversationId
from store.tables import ratings


@dataclass(frozen=True, kw_only=True)
class Rating:
    """`score`: None until the customer has given one; most never do."""

    id: int
    conversation_id: ConversationId
    operator: str | None
    asked_at: datetime
    score: int | None
    at: datetime | None


def from_row(row: Any) -> Rating:
    return Rating(
        id=row.id,
        conversation_id=ConversationId(row.conversation_id),
        operator=row.operator,
        asked_at=row.asked_at,
        score=row.score,
        at=row.at,
    )


def ask(tx: Connection, conversation_id: ConversationId, operator: str | None, now: datetime) -> Rating:
    """The customer is being asked how `operator` did."""
    row = {"conversation_id": conversation_id, "operator": operator, "asked_at": now}
    added = tx.execute(ratings.insert(), row).inserted_primary_key[0]
    return from_row(tx.execute(sa.select(ratings).where(ratings.c.id == added)).one())


def open_question(tx: Connection, conversation_id: str, now: datetime) -> Rating | None:
    """The question that a number would answer now: the latest, if it is not long ago and has no answer yet."""
    last = _last(tx, ratings.c.conversation_id == conversation_id)
    if last is None or last.score is not None or not rating.still_answers(last.asked_at, now):
        return None
    return last


def give(tx: Connection, conversation_id: str, score: int, now: datetime) -> Rating | None:
    """The rating that was given; None where nobody asked for one."""
    asked = open_question(tx, conversation_id, now)
    if asked is None:
        return None
    unanswered = sa.and_(ratings.c.id == asked.id, ratings.c.score.is_(None))
    if not tx.execute(ratings.update().where(unanswered).values(score=score, at=now)).rowcount:
        return None
    return _last(tx, ratings.c.id == asked.id)


def latest(tx: Connection, conversation_id: str) -> Rating | None:
    """The last one the customer gave."""
    return _last(tx, sa.and_(ratings.c.conversation_id == conversation_id, ratings.c.score.is_not(None)))


def _last(tx: Connection, which: Any) -> Rating | None:
    row = tx.execute(sa.select(ratings).where(which).order_by(ratings.c.id.desc()).limit(1)).first()
    return from_row(row) if row else None
