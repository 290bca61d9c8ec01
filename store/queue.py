"""Who waits for a person, in the order of `conversation/queue.py`: said again in SQL, so that not all need be read."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation import queue, window
from conversation.account import Account
from conversation.contact import Contact, ContactId
from conversation.conversation import Conversation, ConversationId, HandoverState, Status
from conversation.handover import Priority, RequestState
from conversation.queue import Waiter
from store import accounts, contacts, conversations, requests
from store.requests import Request
from store.tables import Instant
from store.tables import conversations as table
from store.tables import requests as wishes

_ASKED = wishes.c.state == RequestState.PENDING.value
_WAITS = sa.and_(table.c.state == HandoverState.PENDING.value, table.c.status == Status.OPEN.value)
_WITH_WISHES = table.outerjoin(wishes, sa.and_(wishes.c.conversation_id == table.c.id, _ASKED))
_SINCE = sa.func.coalesce(table.c.waiting_since, table.c.last_inbound_at, table.c.created_at)
_PRIORITY = sa.func.coalesce(wishes.c.priority, Priority.MEDIUM.value)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One line of the queue. `request`: missing where it waits only because no assistant may answer."""

    conversation: Conversation
    account: Account
    contact: Contact
    request: Request | None
    answer_by: datetime


def waiting(
    tx: Connection,
    now: datetime,
    *,
    account_ids: Collection[str] | None = None,
    team_id: str | None = None,
    limit: int = 100,
) -> list[Waiting]:
    """Those who come next, of these accounts (None: of all) and of this team's queue (None: of every queue)."""
    columns = (table.c.id, table.c.last_inbound_at, _SINCE.label("since"), _PRIORITY.label("priority"))
    query = sa.select(*columns).select_from(_WITH_WISHES).where(_WAITS).order_by(*_order(now)).limit(limit)
    if account_ids is not None:
        query = query.where(table.c.account_id.in_(list(account_ids)))
    if team_id is not None:
        query = query.where(table.c.team_id == team_id)
    return _whole(tx, [_waiter(row) for row in tx.execute(query)], now)


def places(tx: Connection, now: datetime) -> dict[ConversationId, int]:
    """Everybody's place in their own queue: their team's, or of those that have no team the one of all."""
    return {ConversationId(row.id): row.place for row in tx.execute(_places(now))}


def place_of(tx: Connection, conversation_id: str, now: datetime) -> int | None:
    """1 for who comes next; None for who does not wait."""
    numbered = _places(now).subquery()
    place: int | None = tx.execute(sa.select(numbered.c.place).where(numbered.c.id == conversation_id)).scalar()
    return place


def ahead_of(tx: Connection, conversation_id: str, now: datetime) -> int | None:
    """How many are answered before."""
    place = place_of(tx, conversation_id, now)
    return None if place is None else place - 1


def _places(now: datetime) -> sa.sql.Select:
    place = sa.func.row_number().over(partition_by=table.c.team_id, order_by=_order(now)).label("place")
    return sa.select(table.c.id, place).select_from(_WITH_WISHES).where(_WAITS)


def _order(now: datetime) -> tuple[Any, ...]:
    """`queue.in_order`, on instants as they are kept."""
    patience = {each.value: _kept(time) for each, time in queue.PATIENCE.items()}
    moment = sa.type_coerce(_SINCE, sa.BigInteger) + sa.case(patience, value=_PRIORITY)
    closes = sa.type_coerce(table.c.last_inbound_at, sa.BigInteger) + _kept(window.OPEN_FOR)
    in_time = closes - _kept(queue.BEFORE_THE_WINDOW_CLOSES)
    hurries = sa.and_(closes > sa.literal(now, Instant()), in_time < moment)
    return sa.case((hurries, in_time), else_=moment), _SINCE, table.c.id


def _kept(time: timedelta) -> int:
    return time // timedelta(microseconds=1)


def _waiter(row: Any) -> Waiter:
    return Waiter(
        id=ConversationId(row.id),
        since=row.since,
        priority=Priority(row.priority),
        last_inbound_at=row.last_inbound_at,
    )


def _whole(tx: Connection, waiters: list[Waiter], now: datetime) -> list[Waiting]:
    """With what is shown of each, read for all together."""
    ids = [waiter.id for waiter in waiters]
    found = tx.execute(sa.select(table).where(table.c.id.in_(ids))).all()
    rows = {row.id: conversations.from_row(row) for row in found}
    asked = tx.execute(sa.select(wishes).where(wishes.c.conversation_id.in_(ids), _ASKED))
    request_of = {row.conversation_id: requests.from_row(row) for row in asked}
    account_of = {account.id: account for account in accounts.even_removed(tx)}
    contact_of = contacts.several(tx, [ContactId(row.contact_id) for row in found])
    return [
        Waiting(
            conversation=rows[waiter.id],
            account=account_of[rows[waiter.id].account_id],
            contact=contact_of[rows[waiter.id].contact_id],
            request=request_of.get(waiter.id),
            answer_by=queue.answer_by(waiter, now),
        )
        for waiter in waiters
    ]
