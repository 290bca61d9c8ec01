"""Alembic's entry: runs the revisions on the engine it was given."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.engine import Connection

from store.tables import Instant, Words, metadata


def _render(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Revisions must not change when our types do: they name the database's own."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.BigInteger()"
    if kind == "type" and isinstance(item, Words):
        return f"sa.String({item.length})" if item.length else "sa.Text()"
    return False


def _run() -> None:
    engine = context.config.attributes["engine"]
    with engine.connect() as connection, _tables_may_be_made_anew(connection):
        writing = connection.execution_options(writes=True)
        context.configure(
            connection=writing,
            target_metadata=metadata,
            render_item=_render,
            render_as_batch=engine.dialect.name == "sqlite",
            compare_type=False,
        )
        with context.begin_transaction():
            if engine.dialect.name == "postgresql":
                writing.execute(sa.text("SET LOCAL statement_timeout = 0"))  # a large table may take its time
            context.run_migrations()
            _check_references(writing)
        writing.commit()


@contextlib.contextmanager
def _tables_may_be_made_anew(connection: Any) -> Iterator[None]:
    """To change a column, Alembic drops a SQLite table that others refer to, and puts another in its place. SQLite lets
    it only with its references unguarded, which can be said outside a transaction alone: so to the driver."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        connection.rollback()
        driver.execute("PRAGMA foreign_keys=ON")


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite" and connection.execute(sa.text("PRAGMA foreign_key_check")).first():
        raise RuntimeError("a revision has left rows that refer to nothing")


_run()
