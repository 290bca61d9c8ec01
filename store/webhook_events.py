"""What Meta told us that has no place in a conversation: kept whole, to be looked at."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.account import Channel
from conversation.arrivals import Unfamiliar
from store.tables import accounts, webhook_events


def add(tx: Connection, channel: Channel, event: Unfamiliar, now: datetime) -> None:
    tx.execute(
        webhook_events.insert(),
        dict(channel=channel.value, account=event.account, kind=event.kind[:80], body=event.body, at=now),
    )


def latest(tx: Connection, limit: int = 100, *, account_ids: Collection[str] | None = None) -> list[dict[str, Any]]:
    """`account_ids`: only of these accounts; None: all there is."""
    query = sa.select(webhook_events).order_by(webhook_events.c.id.desc()).limit(limit)
    if account_ids is not None:
        theirs = sa.select(accounts.c.provider_id).where(accounts.c.id.in_(list(account_ids)))
        query = query.where(webhook_events.c.account.in_(theirs))
    rows = tx.execute(query)
    return [dict(row._mapping) for row in rows]
