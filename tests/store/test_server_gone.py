"""A PostgreSQL server that ends, and comes back: a clear error in between, and no restart of ours."""

from __future__ import annotations

import pytest

from bench.services import postgres
from store.database import Database, DatabaseUnavailable
from tests.store.notes import kinds, note


def test_a_server_that_is_gone_is_a_clear_error_and_when_it_is_back_everything_goes_on(
    own_server: postgres.Server, own_url: str
) -> None:
    db = Database(own_url)
    db.write_now(note, "before")
    own_server.crash()
    for ask in (lambda: db.write_now(note, "lost"), lambda: db.read_now(kinds)):
        with pytest.raises(DatabaseUnavailable, match="can't be reached"):
            ask()
    own_server.start()
    db.write_now(note, "after")
    assert db.read_now(kinds) == ["before", "after"]
    db.close()


async def test_a_server_that_was_never_there_is_one_too() -> None:
    db = Database("postgresql://postgres@127.0.0.1:1/none")
    with pytest.raises(DatabaseUnavailable):
        await db.write(note, "x")
    db.close()
