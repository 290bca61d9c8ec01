"""Connections, and what each is told when it is made: on both databases a power cut takes back nothing committed."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

#: How long a write may wait for another's transaction before it fails, in seconds.
BUSY_TIMEOUT_S = 15.0
#: Meta gives up waiting for its answer at about the first. A process that stands still in a transaction must not hold
#: up the others. A commit that a power cut undoes is none: `off` is not ours to accept; what is stricter stays.
_POSTGRESQL_SESSION = """
SELECT set_config('statement_timeout', '15s', false),
       set_config('lock_timeout', '10s', false),
       set_config('idle_in_transaction_session_timeout', '30s', false),
       set_config('synchronous_commit', replace(current_setting('synchronous_commit'), 'off', 'on'), false)
"""
#: A server that is gone without a word is noticed; on a socket of this machine they mean nothing.
_POSTGRESQL_CONNECTION = {
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
_DURABILITY = {
    "sqlite": ("PRAGMA ", ("journal_mode", "synchronous", "fullfsync", "checkpoint_fullfsync")),
    "postgresql": ("SHOW ", ("server_version", "synchronous_commit", "fsync", "full_page_writes", "wal_sync_method")),
}


def sqlite_url(path: Path) -> str:
    return f"sqlite:///{path}"


def engine_for(url: str, connections: int = 5) -> Engine:
    """An engine in 2.0 style, with room for so many connections at once. Errors must not quote customers."""
    if url.startswith("sqlite"):
        return _sqlite(url)
    engine = sa.create_engine(
        url,
        future=True,
        hide_parameters=True,
        isolation_level="READ COMMITTED",
        pool_size=connections,
        max_overflow=2,
        pool_timeout=10,
        connect_args=_POSTGRESQL_CONNECTION,
    )
    sa.event.listen(engine, "connect", _prepare_postgresql)
    sa.event.listen(engine, "handle_error", _hush)
    return engine


def durability(connection: Connection) -> dict[str, str]:
    """The settings that decide whether a power cut loses what was committed, as this connection has them."""
    ask, names = _DURABILITY[connection.dialect.name]
    return {name: str(connection.exec_driver_sql(ask + name).scalar()) for name in names}


@contextlib.contextmanager
def overwriting(tx: Connection) -> Iterator[None]:
    """What is deleted inside leaves nothing behind in SQLite's file, not even in pages that are let go whole.

    Always on it would take a third more of accepting (measured): index pages are let go all the time.
    """
    if tx.dialect.name != "sqlite":
        yield
        return
    tx.exec_driver_sql("PRAGMA secure_delete=ON")
    try:
        yield
    finally:
        tx.exec_driver_sql("PRAGMA secure_delete=FAST")


def _prepare_postgresql(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_POSTGRESQL_SESSION)
    connection.commit()


def _hush(context: Any) -> None:
    """PostgreSQL quotes the statement, with the values in it, and the keys that clash: of an error only its own words
    are kept."""
    original, ours = context.original_exception, context.sqlalchemy_exception
    words = getattr(getattr(original, "diag", None), "message_primary", None)
    if words and ours is not None:
        original.args = (words,)
        ours.args = (f"({type(original).__name__}) {words}",)


def _sqlite(url: str) -> Engine:
    """WAL, `synchronous=FULL`, transactions begun by us."""
    engine = sa.create_engine(
        url,
        future=True,
        hide_parameters=True,
        connect_args={"timeout": 1.0, "check_same_thread": False},
        poolclass=sa.pool.QueuePool,
    )
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours: the driver would begin too late, and deferred
    connection.execute("PRAGMA busy_timeout=1000")  # for what is not BEGIN: a new file being turned to WAL by another
    _turn_to_wal(connection)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=FAST")  # written over where that costs nothing; else see `overwriting`


def _turn_to_wal(connection: sqlite3.Connection) -> None:
    """SQLite refuses this at once, whatever its timeout, while another does the same to a new file."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.001)


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("writes"):
        _begin_immediate(connection)
    else:
        connection.exec_driver_sql("BEGIN")


def _begin_immediate(connection: Connection) -> None:
    """Waits for a writer that does not know `turns.py` in steps of a millisecond; SQLite's own grow to 100 ms.

    By the driver itself: SQLAlchemy would make an error of its own of each refusal.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    driver: Any = connection.connection.dbapi_connection
    while True:
        try:
            driver.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.001)
