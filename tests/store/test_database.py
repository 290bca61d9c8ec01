"""What both databases promise: a result given is there, a failure leaves nothing, no error quotes what was written."""

from __future__ import annotations

import asyncio
import traceback
from typing import Any

import pytest
import sqlalchemy as sa

from store.database import Database, DatabaseClosed
from store.tables import agents
from tests.house import START
from tests.store.notes import kinds, note

WORDS = "canary"
POWER_CUT = {
    "sqlite": {"journal_mode": "wal", "synchronous": "2"},
    "postgresql": {"synchronous_commit": "on"},
}


async def test_a_failing_write_alone_leaves_nothing(db: Database) -> None:
    def half_and_fail(tx: Any) -> None:
        note(tx, "half")
        raise LookupError

    with pytest.raises(LookupError):
        await db.write(half_and_fail)
    assert await db.read(kinds) == []


async def test_a_result_is_given_only_after_the_commit(db: Database, db_url: str) -> None:
    """Another connection sees it by then, however the writes were grouped."""
    other = Database(db_url)

    async def write_and_look(i: int) -> bool:
        await db.write(note, f"n{i}")
        return f"n{i}" in await other.read(kinds)

    assert all(await asyncio.gather(*(write_and_look(i) for i in range(50))))
    other.close()


async def test_an_error_of_the_database_does_not_quote_what_was_written(db: Database) -> None:
    with pytest.raises(sa.exc.SQLAlchemyError) as failed:
        await db.write(lambda tx: tx.execute(sa.text("INSERT INTO nowhere VALUES (:x)"), {"x": WORDS}))
    assert WORDS not in "".join(traceback.format_exception(failed.value))


async def test_nor_does_one_of_a_key_that_is_there_already(db: Database) -> None:
    agent = dict(id=WORDS, name=WORDS, status="active", activation=0, created_at=START)
    await db.write(lambda tx: tx.execute(agents.insert(), agent))
    with pytest.raises(sa.exc.IntegrityError) as failed:
        await db.write(lambda tx: tx.execute(agents.insert(), agent))
    assert WORDS not in "".join(traceback.format_exception(failed.value))


async def test_who_writes_to_a_closed_database_is_told(db_url: str) -> None:
    database = Database(db_url)
    await database.write(note, "a")
    database.close()
    with pytest.raises(DatabaseClosed):
        await database.write(note, "b")


async def test_all_a_reader_sees_is_of_one_moment(db: Database, db_url: str) -> None:
    """A turn must not see a mail as it was before a person took over and the conversation as it is after."""
    other = Database(db_url)

    def look_twice(tx: Any) -> tuple[list[str], list[str]]:
        first = kinds(tx)
        other.write_now(note, "between")
        return first, kinds(tx)

    assert await db.read(look_twice) == ([], [])
    assert await db.read(kinds) == ["between"]
    other.close()


def test_a_power_cut_takes_nothing_back(db: Database, kind: str) -> None:
    told = db.durability()
    assert {name: told[name] for name in POWER_CUT[kind]} == POWER_CUT[kind]
