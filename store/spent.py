"""How much of what is limited an account has used on a day. What is not limited is not counted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from conversation.account import AccountId
from conversation.account_limits import Spent
from conversation.message import Direction
from store.tables import conversations, messages, spent

#: The kind of message that Meta charges for by itself.
_TEMPLATE = "template"
_BEGIN: dict[str, Any] = {
    "sqlite": sqlite.insert(spent).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(spent).on_conflict_do_nothing(),
}


def take(
    tx: Connection, account_id: AccountId, kind: Spent, amount: int, *, most: int, day: str, begins: datetime
) -> int | None:
    """How much is used with this; None where it would be more than `most`, and is not taken. The row is locked."""
    this = _this(account_id, kind, day)
    if not tx.execute(sa.select(spent.c.count).where(this)).first():
        _begin(tx, account_id, kind, day, begins)
    taken = tx.execute(
        spent.update().where(this, spent.c.count + amount <= most).values(count=spent.c.count + amount)
    ).rowcount
    return tx.execute(sa.select(spent.c.count).where(this)).scalar_one() if taken else None


def give_back(tx: Connection, account_id: AccountId, kind: Spent, amount: int, *, day: str) -> None:
    """In the transaction that has taken it, where something else stands in the way."""
    tx.execute(spent.update().where(_this(account_id, kind, day)).values(count=spent.c.count - amount))


def used(tx: Connection, account_id: AccountId, kind: Spent, *, day: str, begins: datetime) -> int:
    known: int | None = tx.execute(sa.select(spent.c.count).where(_this(account_id, kind, day))).scalar()
    return _written_since(tx, account_id, kind, begins) if known is None else known


def _begin(tx: Connection, account_id: AccountId, kind: Spent, day: str, begins: datetime) -> None:
    """A limit that is set at noon counts what was sent since midnight. Who comes second waits for the first."""
    count = _written_since(tx, account_id, kind, begins)
    tx.execute(_BEGIN[tx.dialect.name], {"account_id": account_id, "day": day, "kind": kind.value, "count": count})


def _written_since(tx: Connection, account_id: AccountId, kind: Spent, begins: datetime) -> int:
    """To customers, by anybody of ours; what they wrote in Meta's own apps is in it too."""
    query = (
        sa.select(sa.func.count())
        .select_from(messages.join(conversations, conversations.c.id == messages.c.conversation_id))
        .where(
            conversations.c.account_id == account_id,
            messages.c.direction == Direction.OUTBOUND.value,
            messages.c.at >= begins,
        )
    )
    if kind is Spent.PAID:
        query = query.where(messages.c.kind == _TEMPLATE)
    return int(tx.execute(query).scalar_one())


def _this(account_id: AccountId, kind: Spent, day: str) -> Any:
    return sa.and_(spent.c.account_id == account_id, spent.c.day == day, spent.c.kind == kind.value)
