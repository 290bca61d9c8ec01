"""What customers wrote, with what the model thought of it: for trainers, who make better examples of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.gate import Reason
from conversation.message import Author, Direction
from store import tracker_rows
from store.tables import contacts, conversations, messages, operators, tracker_events

#: What Rasa's own fallback calls what it can't tell.
FALLBACK = "nlu_fallback"
_TAKEN_OVER = {Reason.HUMAN_OWNS.value, Reason.SEEN_BY_PERSON.value}


@dataclass(frozen=True, kw_only=True)
class Heard:
    """`intent`, `confidence`: as it was decided on. `ranking`: what the model held possible, the likeliest first; empty
    where it was not asked, because a person had the conversation: then `answer` is what the person wrote next."""

    message_id: int
    conversation_id: str
    channel_names: Sequence[str]
    text: str
    at: datetime
    intent: str | None
    confidence: float | None
    ranking: Sequence[tuple[str, float]]
    taken_over: bool
    answer: str | None

    @property
    def guess(self) -> tuple[str, float] | None:
        """The likeliest that is not the fallback."""
        return next((each for each in self.ranking if each[0] != FALLBACK), None)


def page(
    tx: Connection, *, since: datetime, after: int, limit: int, account_id: str | None = None
) -> tuple[list[Heard], int | None]:
    """Texts in the order they came; and the id to go on after, None at the end."""
    query = (
        sa.select(messages, contacts.c.name, contacts.c.username, contacts.c.given_name)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .join(contacts, contacts.c.id == conversations.c.contact_id)
        .where(
            messages.c.id > after,
            messages.c.direction == Direction.INBOUND.value,
            messages.c.kind == "text",
            messages.c.text.is_not(None),
            messages.c.removed_at.is_(None),
            messages.c.at >= since,
        )
        .order_by(messages.c.id)
        .limit(limit)
    )
    if account_id is not None:
        query = query.where(conversations.c.account_id == account_id)
    rows = tx.execute(query).all()
    return [_heard(tx, row) for row in rows], rows[-1].id if len(rows) == limit else None


def operators_names(tx: Connection) -> list[str]:
    return list(tx.execute(sa.select(operators.c.name)).scalars())


def _heard(tx: Connection, row: Any) -> Heard:
    parsed = _parsed(tx, row.conversation_id, row.provider_id)
    taken_over = row.reason in _TAKEN_OVER
    return Heard(
        message_id=row.id,
        conversation_id=row.conversation_id,
        channel_names=[each for each in (row.name, row.username, row.given_name) if each],
        text=row.text,
        at=row.at,
        intent=row.intent,
        confidence=row.confidence,
        ranking=_ranking(parsed),
        taken_over=taken_over,
        answer=_answer(tx, row.conversation_id, row.id) if taken_over else None,
    )


def _parsed(tx: Connection, conversation_id: str, provider_id: str | None) -> Mapping[str, Any]:
    """What the model said of this message, in the event it left."""
    if provider_id is None:
        return {}
    rows = tx.execute(
        sa.select(tracker_events.c.event)
        .where(
            tracker_events.c.sender_id == conversation_id,
            tracker_events.c.type == "user",
            tracker_events.c.event.contains(provider_id, autoescape=True),
        )
        .order_by(tracker_events.c.seq.desc())
    ).scalars()
    for event in map(tracker_rows.decode, rows):
        if event.get("message_id") == provider_id:
            found: Mapping[str, Any] = event.get("parse_data") or {}
            return found
    return {}


def _ranking(parsed: Mapping[str, Any]) -> list[tuple[str, float]]:
    intent = parsed.get("intent") or {}
    ranked = parsed.get("intent_ranking") or ([intent] if intent.get("name") else [])
    return [(each["name"], float(each.get("confidence") or 0.0)) for each in ranked if each.get("name")]


def _answer(tx: Connection, conversation_id: str, message_id: int) -> str | None:
    """What a person wrote next."""
    found: str | None = tx.execute(
        sa.select(messages.c.text)
        .where(
            messages.c.conversation_id == conversation_id,
            messages.c.id > message_id,
            messages.c.author == Author.OPERATOR.value,
            messages.c.text.is_not(None),
        )
        .order_by(messages.c.id)
        .limit(1)
    ).scalar()
    return found
