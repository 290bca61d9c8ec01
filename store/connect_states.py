"""Sign-ins with Instagram that were begun: each comes back once, and soon, or not at all."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.tables import connect_states

GOOD_FOR = timedelta(minutes=10)


def begin(tx: Connection, nonce: str, operator: str, now: datetime) -> None:
    """What nobody came back with long ago is forgotten on the way."""
    tx.execute(connect_states.delete().where(connect_states.c.created_at < now - 10 * GOOD_FOR))
    tx.execute(connect_states.insert().values(nonce=nonce, operator=operator, created_at=now))


def operator_of(tx: Connection, nonce: str) -> str | None:
    return tx.execute(sa.select(connect_states.c.operator).where(connect_states.c.nonce == nonce)).scalar()


def use(tx: Connection, nonce: str, now: datetime) -> bool:
    """True once, for whoever is first, and in time."""
    used = tx.execute(
        connect_states.update()
        .where(
            connect_states.c.nonce == nonce,
            connect_states.c.used_at.is_(None),
            connect_states.c.created_at > now - GOOD_FOR,
        )
        .values(used_at=now)
    )
    return bool(used.rowcount)
