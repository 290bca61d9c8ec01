"""SQLite's one writer: groups of writes, and others who write at the same time."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import subprocess
import sys
import threading
from typing import Any

import pytest
import sqlalchemy as sa

from store import engines
from store.database import Database
from tests.house import eventually
from tests.services import sqlite_only
from tests.store.notes import kinds, note

pytestmark = sqlite_only


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


async def test_what_goes_first_goes_before_all_that_waits(db: Database) -> None:
    hold = await held(db)
    writes = [asyncio.create_task(db.write(note, f"later {i}")) for i in range(3)]
    await queued(db, 3)
    writes.append(asyncio.create_task(db.write(note, "first", first=True)))
    await queued(db, 4)
    hold.leave.set()
    await asyncio.gather(*writes)
    assert (await db.read(kinds))[0] == "first"


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
def other_process(db: Database) -> Any:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(db.engine.url.database)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
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
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_S", 0)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        await db.write(note, "mine")


async def test_closing_finishes_what_waits(db: Database, db_url: str) -> None:
    database = Database(db_url)
    hold = await held(database)
    writes = [asyncio.create_task(database.write(note, f"n{i}")) for i in range(5)]
    await queued(database, 5)
    closing = asyncio.create_task(asyncio.to_thread(database.close))
    hold.leave.set()
    await asyncio.gather(hold.task, closing, *writes)
    assert len(await db.read(kinds)) == 5
