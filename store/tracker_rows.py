"""The rows of trackers: events, only ever appended, each under a number that grows by one; and how they are encoded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.tables import tracker_events, trackers


def _plain(value: Any) -> Any:
    """Rasa leaves numpy's strings and numbers in its events."""
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"a tracker event holds a {type(value).__name__}, which can't be stored")


_encoder = msgspec.json.Encoder(enc_hook=_plain)
decode = msgspec.json.Decoder().decode
_SESSION_STARTED = "session_started"


def encode(value: Any) -> str:
    return _encoder.encode(value).decode()


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a tracker stands: its last event's number, and the number its latest session starts at."""

    seq: int = 0
    session_seq: int = 1


def position(tx: Connection, sender_id: str) -> Position:
    row = tx.execute(sa.select(trackers).where(trackers.c.sender_id == sender_id)).first()
    return Position(seq=row.seq, session_seq=row.session_seq) if row else Position()


def write(tx: Connection, sender_id: str, at: Position, events: Sequence[Mapping[str, Any]]) -> Position:
    numbered = list(enumerate(events, start=at.seq + 1))
    rows = [
        {
            "sender_id": sender_id,
            "seq": seq,
            "type": event["event"],
            "timestamp": event.get("timestamp") or 0.0,
            "event": encode(event),
        }
        for seq, event in numbered
    ]
    tx.execute(tracker_events.insert(), rows)
    starts = [seq for seq, event in numbered if event["event"] == _SESSION_STARTED]
    after = Position(seq=numbered[-1][0], session_seq=starts[-1] if starts else at.session_seq)
    if at.seq == 0:
        tx.execute(trackers.insert(), dict(sender_id=sender_id, seq=after.seq, session_seq=after.session_seq))
    else:
        tx.execute(
            trackers.update()
            .where(trackers.c.sender_id == sender_id)
            .values(seq=after.seq, session_seq=after.session_seq)
        )
    return after
