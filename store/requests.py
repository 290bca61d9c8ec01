"""Requests for a person: at most one of a conversation waits at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.conversation import ConversationId
from conversation.errors import NotFound
from conversation.handover import Priority, RequestState
from conversation.said import say
from store.tables import conversations, requests

_WAITS = requests.c.state == RequestState.PENDING.value
_ORDER = list(Priority)


@dataclass(frozen=True, kw_only=True)
class Request:
    """`details`: what the dialogue knew when it asked: intent, language."""

    id: int
    conversation_id: ConversationId
    state: RequestState
    priority: Priority
    reason: str
    details: Mapping[str, Any]
    asked_by: str
    team_id: str | None
    created_at: datetime
    expires_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a request is made of."""

    reason: str = "asked"
    priority: Priority = Priority.MEDIUM
    details: Mapping[str, Any] | None = None
    asked_by: str = "assistant"
    team_id: str | None = None


def from_row(row: Any) -> Request:
    return Request(
        id=row.id,
        conversation_id=ConversationId(row.conversation_id),
        state=RequestState(row.state),
        priority=Priority(row.priority),
        reason=row.reason,
        details=row.details,
        asked_by=row.asked_by,
        team_id=row.team_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )


def waiting(tx: Connection, conversation_id: str) -> Request | None:
    row = tx.execute(sa.select(requests).where(requests.c.conversation_id == conversation_id, _WAITS)).first()
    return from_row(row) if row else None


def get(tx: Connection, request_id: int) -> Request:
    row = tx.execute(sa.select(requests).where(requests.c.id == request_id)).first()
    if row is None:
        raise NotFound(say("There is no request {request}.", request=request_id))
    return from_row(row)


def of_conversation(tx: Connection, conversation_id: str) -> list[Request]:
    rows = tx.execute(sa.select(requests).where(requests.c.conversation_id == conversation_id).order_by(requests.c.id))
    return [from_row(row) for row in rows]


def ended(tx: Connection, *, account_ids: Collection[str] | None = None, limit: int) -> list[Request]:
    """Those that wait no longer, of these accounts (None: of all), the newest first."""
    query = sa.select(requests).where(sa.not_(_WAITS)).order_by(requests.c.id.desc()).limit(limit)
    if account_ids is not None:
        theirs = sa.select(conversations.c.id).where(conversations.c.account_id.in_(list(account_ids)))
        query = query.where(requests.c.conversation_id.in_(theirs))
    return [from_row(row) for row in tx.execute(query)]


def open_one(
    tx: Connection,
    conversation_id: ConversationId,
    wish: Wish,
    *,
    expires_at: datetime | None,
    now: datetime,
    state: RequestState = RequestState.PENDING,
) -> Request:
    """The request that waits: a new one, or the one there is, which then is as urgent as the more urgent of the two."""
    known = waiting(tx, conversation_id) if state is RequestState.PENDING else None
    if known is not None:
        priority = max(known.priority, wish.priority, key=_ORDER.index)
        values = {"priority": priority.value, "team_id": wish.team_id or known.team_id}
        tx.execute(requests.update().where(requests.c.id == known.id).values(**values))
        return get(tx, known.id)
    ended = state is not RequestState.PENDING
    added = tx.execute(
        requests.insert(),
        dict(
            conversation_id=conversation_id,
            state=state.value,
            priority=wish.priority.value,
            reason=wish.reason[:120],
            details=dict(wish.details or {}),
            asked_by=wish.asked_by,
            team_id=wish.team_id,
            created_at=now,
            expires_at=None if ended else expires_at,
            ended_at=now if ended else None,
            ended_by=None,
        ),
    )
    return get(tx, int(added.inserted_primary_key[0]))


def end(tx: Connection, conversation_id: ConversationId, state: RequestState, *, by: str, now: datetime) -> None:
    """Ends the one that waits, if one does."""
    tx.execute(
        requests.update()
        .where(requests.c.conversation_id == conversation_id, _WAITS)
        .values(state=state.value, ended_at=now, ended_by=by)
    )
