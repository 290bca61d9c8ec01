"""A migrated database that is gone afterwards, and so may forget what a power cut would take."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.services import postgres
from store import migrations
from store.database import Database, sqlite_url


@contextlib.contextmanager
def database(choice: str) -> Iterator[Database]:
    """`choice`: as `--database` of a bench says it."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="baton-bench-")))
        url = stack.enter_context(postgres.wanted(choice)) or sqlite_url(folder / "baton.db")
        db = stack.enter_context(contextlib.closing(Database(url)))
        migrations.upgrade(db)
        sa.event.listen(db.engine, "connect", _careless)
        db.engine.dispose()  # the next connections are careless
        yield db


def _careless(connection: Any, _record: object) -> None:
    if hasattr(connection, "executescript"):  # SQLite's
        connection.execute("PRAGMA synchronous=OFF")
        return
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    connection.commit()
