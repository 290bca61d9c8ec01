"""What PostgreSQL does that SQLite can't: lose a race, or a connection. No write is lost, or doubled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from store import failures
from store.database import CommitUnknown, Database, DatabaseUnavailable
from tests.services import postgresql_only
from tests.store.notes import kinds, note

pytestmark = postgresql_only


@pytest.fixture
def other(db_url: str) -> Iterator[Database]:
    database = Database(db_url)
    yield database
    database.close()


def shown(db: Database, name: str) -> str:
    return str(db.read_now(lambda tx: tx.exec_driver_sql(f"SHOW {name}").scalar()))


def own_number(tx: Any) -> int:
    return int(tx.exec_driver_sql("SELECT pg_backend_pid()").scalar())


def cut(tx: Any, number: int) -> None:
    """Ends another connection, as a server that restarts does."""
    tx.exec_driver_sql(f"SELECT pg_terminate_backend({number}, 5000)")


@pytest.mark.parametrize("name", ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"])
def test_nothing_waits_for_ever(db: Database, name: str) -> None:
    assert shown(db, name) not in ("0", "")


@pytest.mark.parametrize(("told", "kept"), [("off", "on"), ("remote_apply", "remote_apply"), ("on", "on")])
def test_a_commit_is_waited_for_whatever_the_server_says(db: Database, db_url: str, told: str, kept: str) -> None:
    name = db.engine.url.database
    db.write_now(lambda tx: tx.exec_driver_sql(f'ALTER DATABASE "{name}" SET synchronous_commit = {told}'))
    anew = Database(db_url)
    assert anew.durability()["synchronous_commit"] == kept
    anew.close()


class TestTwoWhoBlockEachOther:
    """Each has locked what the other asks for: the server ends one of the two, undone."""

    def meet(self, db: Database) -> list[BaseException]:
        db.write_now(lambda tx: (note(tx, "a"), note(tx, "b")))
        barrier, failed = threading.Barrier(2), []

        def lock(kind: str) -> Callable[[Any], None]:
            text = sa.text("SELECT id FROM notices WHERE kind = :kind FOR UPDATE")
            return lambda tx: tx.execute(text, {"kind": kind})

        def write(first: str, second: str) -> None:
            meeting = iter([barrier.wait])

            def job(tx: Any) -> None:
                lock(first)(tx)
                for wait in meeting:  # the first time only
                    wait(10)
                lock(second)(tx)
                note(tx, first + second)

            try:
                db.write_now(job)
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=write, args=order) for order in (("a", "b"), ("b", "a"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        return failed

    def test_both_are_done_in_the_end(self, db: Database) -> None:
        assert self.meet(db) == []
        assert sorted(db.read_now(kinds)) == ["a", "ab", "b", "ba"]

    def test_without_running_it_again_one_fails(self, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(failures, "lost_race", lambda _: False)
        (failure,) = self.meet(db)
        assert isinstance(failure, sa.exc.OperationalError)


def test_a_connection_that_was_cut_while_nobody_used_it_is_not_noticed(db: Database, other: Database) -> None:
    number = db.write_now(own_number)
    other.write_now(cut, number)
    db.write_now(note, "after")
    assert db.read_now(kinds) == ["after"]


def test_a_transaction_that_loses_its_connection_is_run_again_and_is_there_once(db: Database, other: Database) -> None:
    numbers: list[int] = []

    def job(tx: Any) -> None:
        numbers.append(own_number(tx))
        note(tx, "once")
        if len(numbers) == 1:
            other.write_now(cut, numbers[0])
        note(tx, "twice")

    db.write_now(job)
    assert len(set(numbers)) == 2
    assert db.read_now(kinds) == ["once", "twice"]


def test_who_loses_it_in_the_commit_is_told_that_nobody_knows_and_it_is_not_run_again(
    db: Database, other: Database
) -> None:
    runs = []

    def job(tx: Any) -> None:
        runs.append(1)
        note(tx, "perhaps")
        other.write_now(cut, own_number(tx))

    with pytest.raises(CommitUnknown):
        db.write_now(job)
    assert len(runs) == 1
    assert db.read_now(kinds) == []  # here it is not there, as we cut it before


def test_a_race_that_is_lost_again_and_again_ends(db: Database) -> None:
    runs = []

    def job(tx: Any) -> None:
        runs.append(1)
        tx.exec_driver_sql("DO $$ BEGIN RAISE serialization_failure; END $$")

    with pytest.raises(DatabaseUnavailable):
        db.write_now(job)
    assert len(runs) == failures.TRIES
