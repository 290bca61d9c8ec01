"""PostgreSQL's locks by name: for what has no row yet, and a fair queue before rows that many share.

A row's own lock is not fair: who shares it goes in past who waits to change it, so that an agent which sends without a
pause could not be switched off. Before a door everybody waits in order. SQLite needs none: it has one writer.
"""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from sqlalchemy.engine import Connection

_ALONE = sa.text("SELECT pg_advisory_xact_lock(:number)")


def needed(tx: Connection) -> bool:
    return bool(tx.dialect.name == "postgresql")


def hold(tx: Connection, *names: str) -> None:
    """Alone until this transaction ends; several in the same order for everybody."""
    if needed(tx):
        for number in sorted(number_of(name) for name in names):
            tx.execute(_ALONE, {"number": number})


def shared(statement: sa.sql.Select) -> dict[str, sa.sql.Select]:
    """The statement, by the kind of database, with its one row shared: through the door of `:door`, in one question."""
    through = sa.cast(sa.func.pg_advisory_xact_lock_shared(sa.bindparam("door", type_=sa.BigInteger)), sa.Text) == ""
    return {"sqlite": statement, "postgresql": statement.where(through).with_for_update(read=True)}


def number_of(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
