"""One writer, groups of writes, and others who write at the same time."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from store import database as database_module
from store import notices
from store.database import Database, DatabaseClosed, sqlite_url
from tests.house import START, eventually


def note(tx: Any, kind: str) -> str:
    notices.add(tx, kind, None, {}, START)
    return kind


def kinds(tx: Any) -> list[str]:
    return [notice["kind"] for notice in notices.after(tx, 0)]


class Held:
    """Keeps the writer busy, so that what is written next is one group."""

    def __init__(self, db: Database) -> None:
        self.entered, self.leave = threading.Event(), threading.Event()
        self.task = asyncio.ensure_future(db.write(self._hold))

    def _hold(self, tx: Any) -> None:
        self.entered.set()
        assert self.leave.wait(10)

    async def until_held(self) -> None:
        await asyncio.to_thread(self.entered.wait, 10)


async def held(db: Database) -> Held:
    made = Held(db)
    await made.until_held()
    return made


async def queued(db: Database, count: int) -> None:
    """Until so many jobs wait behind the one that is held."""
    assert db._writer is not None
    writer = db._writer
    await eventually(lambda: sum(map(len, writer._waiting)) >= count)


async def test_a_failing_write_does_not_touch_the_others_of_its_group(db: Database) -> None:
    def half_and_fail(tx: Any) -> None:
        note(tx, "half")
        raise LookupError("mine alone")

    hold = await held(db)
    writes = [asyncio.create_task(db.write(job)) for job in (lambda tx: note(tx, "a"), half_and_fail)]
    writes.append(asyncio.create_task(db.write(note, "b")))
    await queued(db, 3)
    hold.leave.set()
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert [results[0], results[2]] == ["a", "b"]
    assert isinstance(results[1], LookupError)
    assert await db.read(kinds) == ["a", "b"]


async def test_a_failing_write_alone_leaves_nothing(db: Database) -> None:
    def half_and_fail(tx: Any) -> None:
        note(tx, "half")
        raise LookupError

    with pytest.raises(LookupError):
        await db.write(half_and_fail)
    assert await db.read(kinds) == []


async def test_what_goes_first_goes_before_all_that_waits(db: Database) -> None:
    hold = await held(db)
    writes = [asyncio.create_task(db.write(note, f"later {i}")) for i in range(3)]
    await queued(db, 3)
    writes.append(asyncio.create_task(db.write(note, "first", first=True)))
    await queued(db, 4)
    hold.leave.set()
    await asyncio.gather(*writes)
    assert (await db.read(kinds))[0] == "first"


async def test_a_result_is_given_only_after_the_commit(db: Database, db_path: Path) -> None:
    """Another connection sees it by then, however the writes were grouped."""
    other = Database(sqlite_url(db_path))

    async def write_and_look(i: int) -> bool:
        await db.write(note, f"n{i}")
        return f"n{i}" in await other.read(kinds)

    assert all(await asyncio.gather(*(write_and_look(i) for i in range(50))))
    other.close()


async def test_a_commit_that_fails_fails_everybody_of_its_group(db: Database) -> None:
    commits = itertools.count()

    def break_commit(connection: Any) -> None:
        if next(commits) > 0:  # the first is that of the write that held the others up: of another kind, so apart
            raise OSError("disk full")

    hold = await held(db)
    writes = [asyncio.create_task(db.write(note, f"n{i}", first=True)) for i in range(3)]
    await queued(db, 3)
    sa.event.listen(db.engine, "commit", break_commit)
    hold.leave.set()
    await hold.task
    results = await asyncio.gather(*writes, return_exceptions=True)
    sa.event.remove(db.engine, "commit", break_commit)
    assert [type(r) for r in results] == [OSError] * 3
    assert await db.read(kinds) == []
    assert await db.write(note, "after") == "after"  # the writer lives on


async def test_a_caller_who_gives_up_waiting_does_not_stop_the_write(db: Database) -> None:
    hold = await held(db)
    waiting = asyncio.create_task(db.write(note, "kept"))
    await queued(db, 1)
    waiting.cancel()
    hold.leave.set()
    await asyncio.gather(waiting, return_exceptions=True)
    await db.write(note, "next")
    assert await db.read(kinds) == ["kept", "next"]


HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
connection.execute("COMMIT")
"""


@pytest.fixture
def other_process(db_path: Path) -> Any:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(db_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


async def test_a_write_waits_for_another_process_and_does_not_fail(
    db: Database, other_process: subprocess.Popen[str]
) -> None:
    writing = asyncio.create_task(db.write(note, "mine"))
    assert await db.read(kinds) == []  # readers are not held up
    assert not writing.done()
    assert other_process.stdin is not None
    other_process.stdin.write("\n")
    other_process.stdin.flush()
    assert await writing == "mine"


async def test_without_the_waiting_the_same_write_fails(
    db: Database, other_process: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_S", 0)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        await db.write(note, "mine")


async def test_an_error_of_the_database_does_not_quote_what_was_written(db: Database) -> None:
    with pytest.raises(sa.exc.SQLAlchemyError) as failed:
        await db.write(lambda tx: tx.execute(sa.text("INSERT INTO nowhere VALUES (:x)"), {"x": "canary text"}))
    assert "canary" not in str(failed.value)


async def test_who_writes_to_a_closed_database_is_told(db_path: Path) -> None:
    database = Database(sqlite_url(db_path))
    await database.write(note, "a")
    database.close()
    with pytest.raises(DatabaseClosed):
        await database.write(note, "b")


async def test_closing_finishes_what_waits(db: Database, db_path: Path) -> None:
    database = Database(sqlite_url(db_path))
    hold = await held(database)
    writes = [asyncio.create_task(database.write(note, f"n{i}")) for i in range(5)]
    await queued(database, 5)
    closing = asyncio.create_task(asyncio.to_thread(database.close))
    hold.leave.set()
    await asyncio.gather(hold.task, closing, *writes)
    assert len(await db.read(kinds)) == 5


def test_sqlite_survives_a_power_cut_and_keeps_its_references(db: Database) -> None:
    with db.engine.connect() as connection:
        asked = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
