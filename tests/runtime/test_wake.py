"""Who sleeps hears of what others have committed, and a wake that is lost costs time and no more."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from runtime.wake import Wake, wait
from store import line, notices
from store.database import Database
from tests.house import START, eventually
from tests.services import postgresql_only


@pytest.fixture
async def other(db_url: str) -> AsyncIterator[Database]:
    """The same database as another process has it open, whose commits are told."""
    database = Database(db_url)
    async with Wake(database).watching():
        yield database
    database.close()


async def commit(db: Database) -> None:
    await db.write(notices.add, "x", None, {}, START)


@contextlib.asynccontextmanager
async def listening(db: Database) -> AsyncIterator[asyncio.Event]:
    """A bell, once nothing rings any more but what is committed from now on."""
    wake = Wake(db)
    bell = wake.listen()
    async with wake.watching():
        if not db.is_sqlite:
            await eventually(lambda: db.read(ears), "listening")
        await silent(bell)
        yield bell


async def silent(bell: asyncio.Event) -> None:
    """Until it has not rung for a while: what rings once more was said before."""
    while bell.is_set():
        bell.clear()
        await asyncio.sleep(0.05)


def ears(tx: sa.engine.Connection) -> list[int]:
    """The server's processes of those who listen on this database."""
    rows = tx.exec_driver_sql(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%%'"
    )
    return list(rows.scalars())


def cut(tx: sa.engine.Connection, pids: list[int]) -> None:
    for pid in pids:
        tx.exec_driver_sql(f"SELECT pg_terminate_backend({pid})")


async def test_another_processs_commit_is_heard(db: Database, other: Database) -> None:
    async with listening(db) as bell:
        await commit(other)
        await asyncio.wait_for(bell.wait(), 5)


async def test_ones_own_commit_is_heard_too(db: Database) -> None:
    async with listening(db) as bell:
        await commit(db)
        await asyncio.wait_for(bell.wait(), 5)


@postgresql_only
async def test_a_listener_whose_connection_is_cut_looks_by_itself_and_listens_again(
    db: Database, other: Database
) -> None:
    async with listening(db) as bell:
        before = await db.read(ears)
        await other.write(cut, before)
        await asyncio.wait_for(bell.wait(), 5)  # something may have been said in between
        await eventually(lambda: still_listening(db, before), "listening again")
        await silent(bell)
        await commit(other)
        await asyncio.wait_for(bell.wait(), 5)


async def still_listening(db: Database, before: list[int]) -> bool:
    now = await db.read(ears)
    return len(now) == len(before) and not set(now) & set(before)


@postgresql_only
async def test_who_can_not_listen_looks_now_and_then(
    db: Database, other: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError("no more connections")

    monkeypatch.setattr(line, "_connect", refused)
    wake = Wake(db)
    bell = wake.listen()
    async with wake.watching():
        for _ in range(3):
            bell.clear()
            await asyncio.wait_for(bell.wait(), 5)


@postgresql_only
async def test_many_commits_are_told_by_few_words(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who say something wait for each other, so nothing is said in the transactions that count."""
    words = 0
    notify = line._notify

    def count(connection: object, changed: bool, said: list[str]) -> None:
        nonlocal words
        words += changed
        notify(connection, changed, said)

    monkeypatch.setattr(line, "_notify", count)
    monkeypatch.setattr(line, "_GATHER_S", 0.2)
    async with listening(db):
        words = 0
        await asyncio.gather(*(commit(db) for _ in range(60)))
        await eventually(lambda: words > 0)
        assert words < 10


async def test_every_listener_hears_and_a_bell_is_silent_after_it_was_heard(db: Database) -> None:
    wake = Wake(db)
    bells = [wake.listen(), wake.listen()]
    for bell in bells:
        await wait(bell, 5)
    wake.ring()
    assert all(bell.is_set() for bell in bells)
    await wait(bells[0], 5)
    assert [bell.is_set() for bell in bells] == [False, True]


async def test_a_lost_one_costs_time_and_no_more() -> None:
    await asyncio.wait_for(wait(asyncio.Event(), 0.01), 5)


async def test_who_is_cancelled_in_the_moment_the_bell_rings_is_cancelled() -> None:
    bell = asyncio.Event()
    task = asyncio.create_task(wait(bell, 5))
    await asyncio.sleep(0)
    bell.set()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)
