"""The schema's history. Every command of ours brings the database to the latest revision before it does anything."""

from __future__ import annotations

import contextlib
import fcntl
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.errors import BatonError
from store import copying
from store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

#: However long they take.
_WAIT_FOR_OTHERS = """
SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
SELECT pg_advisory_xact_lock(7266)
"""
_HERE = Path(__file__).parent
logging.getLogger("alembic").setLevel(logging.WARNING)  # its greetings would stand between the lines of `rasa shell`


def head() -> str:
    """The latest revision, by the file names: asking Alembic would cost every command its import."""
    return max(path.name.partition("_")[0] for path in (_HERE / "versions").glob("[0-9]*_*.py"))


def config(database: Database | None = None) -> Config:
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(_HERE))
    if database is not None:
        made.attributes["engine"] = database.engine
    return made


class DatabaseIsNewer(BatonError):
    """A newer version has brought the database up to date; this one would not understand it."""


def upgrade(database: Database) -> None:
    """To the latest revision; a single quick query where that is so already. Two at once: one waits.

    Of a SQLite database that has something in it a copy is kept beside it.
    """
    if _is_latest(current(database)):
        return
    from alembic import command

    with _one_at_a_time(database):
        before = current(database)
        if _is_latest(before):
            return
        if before is not None and database.is_sqlite:
            _keep_copy(Path(str(database.engine.url.database)))
        command.upgrade(config(database), "head")


def _is_latest(revision: str | None) -> bool:
    if revision is not None and revision > head():
        raise DatabaseIsNewer(
            f"The database is of a newer version (its schema is {revision}, this version knows {head()}):"
            " update Baton, or restore a backup made by this version."
        )
    return revision == head()


def _keep_copy(path: Path) -> None:
    """The first one stays: an upgrade that was cut off must not put its ruins in the place of the copy."""
    kept, draft = path.with_name(f"{path.name}.before-{head()}"), path.with_name(f"{path.name}.copying")
    if kept.exists():
        return
    draft.unlink(missing_ok=True)
    copying.copy(path, draft)
    draft.rename(kept)


def downgrade(database: Database, revision: str) -> None:
    from alembic import command

    command.downgrade(config(database), revision)


def current(database: Database) -> str | None:
    return database.read_now(_current)


def _current(tx: Connection) -> str | None:
    if not sa.inspect(tx).has_table("alembic_version"):
        return None
    return tx.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


@contextlib.contextmanager
def _one_at_a_time(database: Database) -> Iterator[None]:
    """A lock that is gone with its process: a file beside SQLite's, whose DDL is not one transaction with Alembic's
    bookkeeping; a number on PostgreSQL."""
    path = database.engine.url.database
    if not database.is_sqlite:
        with database.engine.begin() as connection:
            connection.exec_driver_sql(_WAIT_FOR_OTHERS)
            yield
    elif not path:
        yield
    else:
        with open(f"{path}.migrating", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
