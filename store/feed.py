"""Notices in order, for whoever follows them: none is passed over, and none is told to who may not see it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.tables import conversations, notices

AT_MOST = 500
#: PostgreSQL gives numbers before it commits: one that is missing may still come, until it is this old.
_MAY_STILL_COME = timedelta(seconds=5)
#: How far back a gap is looked for where somebody begins to follow.
_LOOK_BACK = 100


@dataclass(frozen=True, kw_only=True)
class Told:
    """`last`: where to go on; not the last one's number where the rest is not for who asks."""

    items: Sequence[dict[str, Any]]
    last: int


def after(tx: Connection, notice_id: int, now: datetime, *, account_ids: Collection[str] | None = None) -> Told:
    """What came after this one. `account_ids`: those that who asks may see; None: all."""
    query = (
        sa.select(notices, conversations.c.account_id)
        .outerjoin(conversations, conversations.c.id == notices.c.conversation_id)
        .where(notices.c.id > notice_id)
        .order_by(notices.c.id)
        .limit(AT_MOST)
    )
    rows = _settled(tx, notice_id, tx.execute(query).all(), now)
    if not rows:
        return Told(items=(), last=min(notice_id, _newest(tx)))
    return Told(items=[_plain(row) for row in rows if _for(row, account_ids)], last=rows[-1].id)


def newest(tx: Connection, now: datetime) -> int:
    """Where somebody begins who has just read everything."""
    start = max(_newest(tx) - _LOOK_BACK, 0)
    rows = tx.execute(sa.select(notices.c.id, notices.c.at).where(notices.c.id > start).order_by(notices.c.id)).all()
    settled = _settled(tx, start, rows, now)
    return settled[-1].id if settled else start


def _newest(tx: Connection) -> int:
    return tx.execute(sa.select(sa.func.coalesce(sa.func.max(notices.c.id), 0))).scalar_one()


def _settled(tx: Connection, last: int, rows: Sequence[Any], now: datetime) -> Sequence[Any]:
    """As far as nothing that came before can still turn up. SQLite has one writer: its numbers have no gaps."""
    if tx.dialect.name == "sqlite":
        return rows
    for place, row in enumerate(rows):
        if row.id != last + 1 and now - row.at < _MAY_STILL_COME:
            return rows[:place]
        last = row.id
    return rows


def _for(row: Any, account_ids: Collection[str] | None) -> bool:
    return account_ids is None or row.conversation_id is None or row.account_id in account_ids


def _plain(row: Any) -> dict[str, Any]:
    return {name: row._mapping[name] for name in ("id", "kind", "conversation_id", "facts", "at")}
