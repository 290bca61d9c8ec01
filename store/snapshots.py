"""What a tracker came to at some event, so that a cold start need not read all events before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store import trackers
from store.tables import tracker_snapshots


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Of use to this model only, and as long as its domain is this one. `seq`: the last event that is in it."""

    seq: int
    model: str
    domain: str
    body: Mapping[str, Any]


def put(tx: Connection, sender_id: str, snapshot: Snapshot) -> None:
    """In place of the one before."""
    delete(tx, sender_id)
    tx.execute(
        tracker_snapshots.insert(),
        dict(
            sender_id=sender_id,
            seq=snapshot.seq,
            model=snapshot.model,
            domain=snapshot.domain,
            body=trackers.encode(snapshot.body),
        ),
    )


def find(tx: Connection, sender_id: str, *, model: str, domain: str) -> Snapshot | None:
    """None where it is another model's. Raises `ValueError` where it can't be read."""
    row = tx.execute(
        sa.select(tracker_snapshots).where(
            tracker_snapshots.c.sender_id == sender_id,
            tracker_snapshots.c.model == model,
            tracker_snapshots.c.domain == domain,
        )
    ).first()
    if row is None:
        return None
    return Snapshot(seq=row.seq, model=row.model, domain=row.domain, body=trackers.decode(row.body))


def delete(tx: Connection, sender_id: str) -> None:
    tx.execute(tracker_snapshots.delete().where(tracker_snapshots.c.sender_id == sender_id))
