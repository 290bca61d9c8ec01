"""Statements that the driver runs itself: the same rows, the same types, the same errors as SQLAlchemy's."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
import sqlalchemy as sa

from store.database import Database
from store.prepared import Prepared
from store.tables import notices

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
_ADD = Prepared(notices.insert(), "kind", "facts", "at", new_id=notices.c.id)
_COUNT = Prepared(sa.select(sa.func.count()).where(notices.c.kind == sa.bindparam("kind_")))
_RAISE = Prepared(
    notices.update().where(notices.c.id == sa.bindparam("number")).values(kind=notices.c.kind + sa.literal("!"))
)


async def test_what_it_adds_reads_back_through_sqlalchemy_as_what_it_was(db: Database) -> None:
    number = await db.write(_ADD.added, kind="a 'quoted' 100% name", facts={"ção": [1, None]}, at=NOW)

    row = await db.read(lambda tx: tx.execute(sa.select(notices).where(notices.c.id == number)).one())

    assert (row.kind, row.facts, row.at) == ("a 'quoted' 100% name", {"ção": [1, None]}, NOW)


async def test_numbers_of_added_rows_go_up_and_constants_of_the_statement_are_kept(db: Database) -> None:
    first = await db.write(_ADD.added, kind="a", facts={}, at=NOW)
    second = await db.write(_ADD.added, kind="a", facts={}, at=NOW)

    assert second > first
    assert await db.write(_RAISE.changed, number=first) == 1
    assert await db.write(_RAISE.changed, number=second + 1000) == 0
    assert await db.read(_COUNT.first, kind_="a!") == (1,)


async def test_an_error_is_sqlalchemys_own_and_quotes_no_values(db: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError) as failure:
        await db.write(_ADD.added, kind=None, facts={"text": "a customer's words"}, at=NOW)

    assert "customer" not in str(failure.value)
