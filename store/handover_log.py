"""The log of who answered, as lists read it; each line is written with its change, see handovers.py."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.tables import conversations as talks
from store.tables import handovers


def latest(tx: Connection, *, account_ids: Collection[str] | None = None, limit: int) -> list[dict[str, Any]]:
    """The last changes on these accounts (None: on all), the newest first."""
    query = sa.select(handovers).order_by(handovers.c.id.desc()).limit(limit)
    if account_ids is not None:
        theirs = sa.select(talks.c.id).where(talks.c.account_id.in_(list(account_ids)))
        query = query.where(handovers.c.conversation_id.in_(theirs))
    return [dict(row._mapping) for row in tx.execute(query)]


def last_of(tx: Connection, conversation_id: str) -> dict[str, Any] | None:
    """The last change."""
    its = handovers.c.conversation_id == conversation_id
    row = tx.execute(sa.select(handovers).where(its).order_by(handovers.c.id.desc()).limit(1)).first()
    return None if row is None else dict(row._mapping)
