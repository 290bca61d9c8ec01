"""The schema's history leads to what the code expects, and back, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from store import migrations
from store.database import Database
from store.tables import metadata
from tests import services


@pytest.fixture
def empty(empty_url: str) -> Iterator[Database]:
    database = Database(empty_url)
    yield database
    database.close()


def tables(database: Database) -> set[str]:
    return set(sa.inspect(database.engine).get_table_names()) - {"alembic_version", "sqlite_sequence"}


def partial_indexes(database: Database) -> dict[str, str]:
    """The indexes that hold part of a table, by name, as the database itself writes them down."""
    if database.is_sqlite:
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'"
    else:
        query = "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '%WHERE%' AND schemaname = 'public'"
    return {name: " ".join(sql.split()) for name, sql in database.read_now(lambda tx: tx.execute(sa.text(query)).all())}


def test_up_down_and_up_again(empty: Database) -> None:
    migrations.upgrade(empty)
    assert tables(empty) == set(metadata.tables)
    migrations.downgrade(empty, "base")
    assert tables(empty) == set()
    assert migrations.current(empty) is None
    migrations.upgrade(empty)
    assert tables(empty) == set(metadata.tables)


def test_a_revision_at_a_time_down_and_up(empty: Database) -> None:
    migrations.upgrade(empty)
    for number in range(int(migrations.head()) - 1, 0, -1):
        migrations.downgrade(empty, f"{number:04}")
        assert migrations.current(empty) == f"{number:04}"
        migrations.upgrade(empty)
        assert tables(empty) == set(metadata.tables)


def test_a_migrated_database_is_what_the_tables_say(db: Database) -> None:
    with db.engine.connect() as connection:
        opts = {"include_name": lambda name, *_: name != "sqlite_sequence", "compare_type": True}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, metadata) == []


def test_the_partial_indexes_of_the_tables_are_in_the_migrated_database_with_their_conditions(
    db: Database, empty: Database
) -> None:
    with empty.engine.connect() as connection, connection.begin():
        metadata.create_all(connection)
    assert partial_indexes(db) == partial_indexes(empty) != {}


def test_upgrading_what_is_up_to_date_changes_nothing(db: Database) -> None:
    before = migrations.current(db)
    migrations.upgrade(db)
    assert migrations.current(db) == before == migrations.head()


def test_two_who_upgrade_at_once_both_succeed(empty_url: str) -> None:
    failures: list[BaseException] = []

    def upgrade() -> None:
        database = Database(empty_url)
        try:
            migrations.upgrade(database)
        except BaseException as error:
            failures.append(error)
        finally:
            database.close()

    threads = [threading.Thread(target=upgrade) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []


@services.sqlite_only
def test_tables_that_were_made_anew_still_never_give_a_number_twice(db: Database) -> None:
    """Alembic makes a table anew to add a column, and forgets this unless it is told."""
    with db.engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
        made = {row.name for row in rows if "AUTOINCREMENT" in row.sql}
    wanted = {name for name, table in metadata.tables.items() if table.dialect_options["sqlite"]["autoincrement"]}
    assert made == wanted != set()
