"""What somebody who takes over must know at once, read from what is there: bounded, however long the conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.mail import MailState
from conversation.message import Direction, Message, MessageStatus
from store import mailbox, messages, tracker_rows
from store.mailbox import Parked
from store.tables import mailbox as mails
from store.tables import messages as said
from store.tables import tracker_events

#: What the dialogue keeps for itself.
_INTERNAL = frozenset(
    {
        "requested_slot",
        "session_started_metadata",
        "agent_verdict",
        "handover_request",
        "handover_reason",
        "pending_noted",
        "asked_what_was_meant",
    }
)
_SLOT_EVENTS, _USER_EVENTS, _FAILED = 500, 20, 20
_UNDERSTOOD, _RANKED = 3, 3
_FORGETS = frozenset({"restart", "reset_slots", "session_started"})
_WRONG = (MessageStatus.FAILED.value, MessageStatus.UNKNOWN.value)


@dataclass(frozen=True, kw_only=True)
class Understood:
    """What the model thought of one message, the likeliest first."""

    text: str | None
    intent: str
    confidence: float | None
    ranking: Sequence[tuple[str, float]]


@dataclass(frozen=True, kw_only=True)
class FailedTurn:
    """A mail whose turn failed and is tried again."""

    id: int
    at: datetime
    error: str


@dataclass(frozen=True, kw_only=True)
class Failures:
    sends: Sequence[Message]
    parked: Sequence[Parked]
    turns: Sequence[FailedTurn]


def slots(tx: Connection, conversation_id: str) -> Mapping[str, Any]:
    """What the dialogue knows: the last value of each slot in the latest session."""
    found: dict[str, Any] = {}
    for event in _latest(tx, conversation_id, ("slot", *_FORGETS), _SLOT_EVENTS):
        if event["event"] in _FORGETS:
            break
        found.setdefault(event["name"], event.get("value"))
    return {name: value for name, value in sorted(found.items()) if value is not None and name not in _INTERNAL}


def understood(tx: Connection, conversation_id: str) -> list[Understood]:
    """Of the last messages that a model was asked about, the oldest first."""
    found = [_understood(event) for event in _latest(tx, conversation_id, ("user",), _USER_EVENTS)]
    return list(reversed([each for each in found if each is not None][:_UNDERSTOOD]))


def _understood(event: Mapping[str, Any]) -> Understood | None:
    parsed = event.get("parse_data") or {}
    intent = parsed.get("intent") or {}
    if not intent.get("name"):
        return None  # recorded, no model was asked
    ranking = (parsed.get("intent_ranking") or [intent])[:_RANKED]
    return Understood(
        text=event.get("text"),
        intent=intent["name"],
        confidence=intent.get("confidence"),
        ranking=[(each["name"], each.get("confidence") or 0.0) for each in ranking if each.get("name")],
    )


def failures(tx: Connection, conversation_id: str) -> Failures:
    return Failures(
        sends=_failed_sends(tx, conversation_id),
        parked=mailbox.parked(tx, _FAILED, conversation_id=conversation_id),
        turns=_failed_turns(tx, conversation_id),
    )


def last_messages(tx: Connection, conversation_id: str, *, before: int | None = None, limit: int) -> list[Message]:
    """The newest, or those just before one, the oldest of them first."""
    query = sa.select(said).where(said.c.conversation_id == conversation_id)
    if before is not None:
        query = query.where(said.c.id < before)
    return [messages.from_row(row) for row in tx.execute(query.order_by(said.c.id.desc()).limit(limit))][::-1]


def _failed_sends(tx: Connection, conversation_id: str) -> list[Message]:
    query = (
        sa.select(said)
        .where(
            said.c.conversation_id == conversation_id,
            said.c.direction == Direction.OUTBOUND.value,
            said.c.status.in_(_WRONG),
        )
        .order_by(said.c.id.desc())
        .limit(_FAILED)
    )
    return [messages.from_row(row) for row in tx.execute(query)]


def _failed_turns(tx: Connection, conversation_id: str) -> list[FailedTurn]:
    query = (
        sa.select(mails.c.id, mails.c.arrived_at, mails.c.error)
        .where(
            mails.c.conversation_id == conversation_id,
            mails.c.state == MailState.NEW.value,
            mails.c.error.is_not(None),
        )
        .order_by(mails.c.id)
        .limit(_FAILED)
    )
    return [FailedTurn(id=row.id, at=row.arrived_at, error=row.error) for row in tx.execute(query)]


def _latest(tx: Connection, conversation_id: str, types: Sequence[str], limit: int) -> list[Mapping[str, Any]]:
    """Events of the latest session, the newest first. The one it started with is among them."""
    start = tracker_rows.position(tx, conversation_id).session_seq
    rows = tx.execute(
        sa.select(tracker_events.c.event)
        .where(
            tracker_events.c.sender_id == conversation_id,
            tracker_events.c.seq >= start,
            tracker_events.c.type.in_(types),
        )
        .order_by(tracker_events.c.seq.desc())
        .limit(limit)
    )
    return [tracker_rows.decode(event) for event in rows.scalars()]
