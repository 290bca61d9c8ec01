"""What was deleted leaves a SQLite file too: its journal is emptied, and the file written anew where that is asked for.

PostgreSQL keeps deleted rows until its own vacuum: that is its administrator's to order, see docs/privacy.md.
"""

from __future__ import annotations

import time
from pathlib import Path

import sqlalchemy as sa
import structlog

from store.database import Database

log = structlog.get_logger()

#: Readers that began before hold the journal back.
_PATIENCE_S, _STEP_S = 5.0, 0.05
_CHECKPOINT = "PRAGMA wal_checkpoint(TRUNCATE)"


def flush(db: Database) -> bool:
    """Whether nothing of what was deleted stands in the journal any more. What was overwritten in the file is zeros."""
    if not db.is_sqlite:
        return True
    deadline = time.monotonic() + _PATIENCE_S
    while not _checkpointed(db):
        if time.monotonic() > deadline:
            log.warning("journal_not_emptied")
            return False
        time.sleep(_STEP_S)
    return True


def write_anew(db: Database) -> None:
    """Everything that is still true in a new file: for what was deleted before deleted meant overwritten. Nobody writes
    meanwhile: some seconds for 100 MB."""
    if db.is_sqlite:
        with db.alone() as connection:
            connection.execute("VACUUM")
        flush(db)


def file_of(db: Database) -> Path | None:
    """The database's file, where it is one."""
    name = sa.engine.make_url(db.url).database if db.is_sqlite else None
    return Path(name) if name else None


def _checkpointed(db: Database) -> bool:
    with db.alone() as connection:
        busy, _, _ = connection.execute(_CHECKPOINT).fetchone()
    return not busy
