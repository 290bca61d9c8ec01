"""The schema's history. Every command of ours brings the database to the latest revision before it does anything."""

from __future__ import annotations

import contextlib
import fcntl
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

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


def upgrade(database: Database) -> None:
    """To the latest revision; a single quick query where that is so already. Two at once: one waits."""
    if current(database) == head():
        return
    from alembic import command

    with _one_at_a_time(database):
        if current(database) != head():
            command.upgrade(config(database), "head")


def downgrade(database: Database, revision: str) -> None:
    from alembic import command

    command.downgrade(config(database), revision)


def current(database: Database) -> str | None:
    with database.engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


@contextlib.contextmanager
def _one_at_a_time(database: Database) -> Iterator[None]:
    """SQLite's DDL is not one transaction with Alembic's bookkeeping, so a lock file keeps two migrations apart."""
    path = database.engine.url.database if database.is_sqlite else None
    if not path:
        yield
        return
    with open(f"{path}.migrating", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
