"""When something was last known to be well, by its name: what a gap is found by."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from store.tables import pulses

_NEVER = timedelta(0)
_FIRST: dict[str, Any] = {
    "sqlite": sqlite.insert(pulses).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(pulses).on_conflict_do_nothing(),
}


def last(tx: Connection, name: str) -> datetime | None:
    found: datetime | None = tx.execute(sa.select(pulses.c.at).where(pulses.c.name == name)).scalar()
    return found


def beat(tx: Connection, name: str, now: datetime, *, every: timedelta = _NEVER) -> datetime | None:
    """It is well now; when that was last written before. Nothing is written again within `every`.

    Of several who beat at once, one finds the gap: the others find what that one wrote.
    """
    this = pulses.c.name == name
    before: datetime | None = tx.execute(sa.select(pulses.c.at).where(this).with_for_update()).scalar()
    if before is None:
        tx.execute(_FIRST[tx.dialect.name], {"name": name, "at": now})
    elif now - before >= every:
        tx.execute(pulses.update().where(this).values(at=now))
    return before
