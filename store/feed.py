"""Notices in the order in which they were committed: none is passed over, none turns up later below what was read.

SQLite has one writer, so its ids are such numbers. PostgreSQL gives ids before a commit: there each notice has its
number afterwards, from one counter, under that counter's lock.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection

from store.tables import conversations, counters, notices

AT_MOST = 500
#: So many are numbered in one transaction.
_AT_ONCE = 1000
_COUNTER = "notices"


@dataclass(frozen=True, kw_only=True)
class Told:
    """`last`: where to go on; not the last one's number where the rest is not for who asks. `anew`: what came next is
    kept no longer, or this is another database than before: all must be read anew."""

    items: Sequence[dict[str, Any]]
    last: int
    anew: bool = False


def after(tx: Connection, number: int, *, account_ids: Collection[str] | None = None, limit: int = AT_MOST) -> Told:
    """What came after this one. `account_ids`: those that who asks may see; None: all."""
    if number < _gone(tx):
        return Told(items=(), last=newest(tx), anew=True)
    rows = read(tx, number, limit=limit)
    if rows:
        return Told(items=[_plain(row) for row in rows if _for(row, account_ids)], last=rows[-1]["id"])
    last = newest(tx)
    return Told(items=(), last=min(number, last), anew=last < number)


def read(tx: Connection, number: int, *, limit: int = AT_MOST) -> list[dict[str, Any]]:
    """What came after this one, for whoever it is, each with the account that it is of: None where it is of none, or
    that is not known any more."""
    key = _key(tx)
    query = (
        sa.select(notices, conversations.c.account_id, key.label("told_as"))
        .outerjoin(conversations, conversations.c.id == notices.c.conversation_id)
        .where(key > number)
        .order_by(key)
        .limit(limit)
    )
    return [_whole(row._mapping) for row in tx.execute(query)]


def newest(tx: Connection) -> int:
    """Where somebody begins who has just read everything. It never goes back, whatever is kept no longer."""
    if tx.dialect.name == "sqlite":
        return int(tx.exec_driver_sql("SELECT max(seq) FROM sqlite_sequence WHERE name = 'notices'").scalar() or 0)
    return int(tx.execute(_COUNTED).scalar() or 0)


def _gone(tx: Connection) -> int:
    """The last number below all that are kept: who has read as far as that has missed nothing."""
    oldest = tx.execute(sa.select(sa.func.min(_key(tx)))).scalar()
    return newest(tx) if oldest is None else int(oldest) - 1


def has_unnumbered(tx: Connection) -> bool:
    """Whether anything that is committed waits for its number."""
    if tx.dialect.name == "sqlite":
        return False
    return tx.execute(sa.select(notices.c.id).where(notices.c.number.is_(None)).limit(1)).first() is not None


def number(tx: Connection, *, wait: bool = False) -> int:
    """Numbers what is committed and has none; how many. Who comes while another does it leaves it to them, or waits."""
    if tx.dialect.name == "sqlite":
        return 0
    ours = _COUNTED.with_for_update(skip_locked=not wait)
    value = tx.execute(ours).scalar()
    if value is None:
        if tx.execute(_COUNTED).first() is not None:
            return 0  # another has it
        tx.execute(postgresql.insert(counters).values(name=_COUNTER, value=0).on_conflict_do_nothing())
        value = tx.execute(ours).scalar_one()
    # A statement after the lock: it sees all that was committed until now, and so nothing can come in between later.
    found = tx.execute(_NUMBER, {"value": value, "many": _AT_ONCE}).rowcount
    if found:
        tx.execute(counters.update().where(counters.c.name == _COUNTER).values(value=value + found))
    return int(found)


_COUNTED = sa.select(counters.c.value).where(counters.c.name == _COUNTER)
_NUMBER = sa.text(
    "UPDATE notices SET number = :value + counted.place FROM ("
    " SELECT id, row_number() OVER (ORDER BY id) AS place"
    " FROM (SELECT id FROM notices WHERE number IS NULL ORDER BY id LIMIT :many) AS waiting"
    ") AS counted WHERE notices.id = counted.id"
)


def _key(tx: Connection) -> Any:
    return notices.c.id if tx.dialect.name == "sqlite" else notices.c.number


def _for(row: dict[str, Any], account_ids: Collection[str] | None) -> bool:
    """What is of a conversation that is there no more is for those who see everything."""
    if account_ids is None:
        return True
    return row["account_id"] in account_ids if _is_of_an_account(row) else True


def _is_of_an_account(row: dict[str, Any]) -> bool:
    return row["conversation_id"] is not None or row["account_id"] is not None


def _whole(row: Any) -> dict[str, Any]:
    of_account = row["facts"].get("account") if row["conversation_id"] is None else row["account_id"]
    return {
        "id": row["told_as"],
        "kind": row["kind"],
        "conversation_id": row["conversation_id"],
        "account_id": of_account,
        "facts": row["facts"],
        "at": row["at"],
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("id", "kind", "conversation_id", "facts", "at")}
