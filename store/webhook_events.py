"""What Meta told us that has no place in a conversation: kept whole, to be looked at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.account import Channel
from conversation.arrivals import Unfamiliar
from store.tables import webhook_events


def add(tx: Connection, channel: Channel, event: Unfamiliar, now: datetime) -> None:
    tx.execute(
        webhook_events.insert(),
        dict(channel=channel.value, account=event.account, kind=event.kind[:80], body=event.body, at=now),
    )


def latest(tx: Connection, limit: int = 100) -> list[dict[str, Any]]:
    rows = tx.execute(sa.select(webhook_events).order_by(webhook_events.c.id.desc()).limit(limit))
    return [dict(row._mapping) for row in rows]
