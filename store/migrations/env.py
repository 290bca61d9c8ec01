"""Alembic's entry: runs the revisions on the engine it was given."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

from store.tables import Instant, metadata


def _render(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Revisions must not change when our types do: they name the database's own."""
    return "sa.BigInteger()" if kind == "type" and isinstance(item, Instant) else False


def _run() -> None:
    engine = context.config.attributes["engine"]
    with engine.connect() as connection:
        writing = connection.execution_options(writes=True)
        context.configure(
            connection=writing,
            target_metadata=metadata,
            render_item=_render,
            render_as_batch=engine.dialect.name == "sqlite",
            compare_type=False,
        )
        with context.begin_transaction():
            if engine.dialect.name == "postgresql":  # two installations starting at once
                writing.execute(sa.text("SELECT pg_advisory_xact_lock(7266)"))
            context.run_migrations()
        writing.commit()


_run()
