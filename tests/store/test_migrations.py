"""The schema's history leads to what the code expects, and back."""

from __future__ import annotations

import threading
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from store import migrations
from store.database import Database, sqlite_url
from store.tables import metadata


def tables(database: Database) -> set[str]:
    return set(sa.inspect(database.engine).get_table_names()) - {"alembic_version", "sqlite_sequence"}


def test_up_down_and_up_again(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / "new.db"))
    migrations.upgrade(database)
    assert tables(database) == set(metadata.tables)
    migrations.downgrade(database, "base")
    assert tables(database) == set()
    assert migrations.current(database) is None
    migrations.upgrade(database)
    assert tables(database) == set(metadata.tables)
    database.close()


def test_a_migrated_database_is_what_the_tables_say(db: Database) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": lambda name, *_: name != "sqlite_sequence"}
        )
        assert compare_metadata(context, metadata) == []


def test_the_partial_indexes_of_the_tables_are_in_the_migrated_database_with_their_conditions(db: Database) -> None:
    def sql_of(database: Database) -> dict[str, str]:
        with database.engine.connect() as connection:
            rows = connection.execute(
                sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'")
            )
            return {row.name: " ".join(row.sql.split()) for row in rows}

    made = Database("sqlite://")
    with made.engine.connect() as connection:
        metadata.create_all(connection)
        expected = {
            row.name: " ".join(row.sql.split())
            for row in connection.execute(
                sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'")
            )
        }
    made.close()
    assert sql_of(db) == expected != {}


def test_upgrading_what_is_up_to_date_changes_nothing(db: Database) -> None:
    before = migrations.current(db)
    migrations.upgrade(db)
    assert migrations.current(db) == before is not None


def test_two_who_upgrade_at_once_both_succeed(tmp_path: Path) -> None:
    failures: list[BaseException] = []

    def upgrade() -> None:
        database = Database(sqlite_url(tmp_path / "new.db"))
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
        thread.join(30)
    assert failures == []
