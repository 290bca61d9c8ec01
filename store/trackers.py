"""What is read of the trackers, and the one way to append: what events mean for a conversation is drawn there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.conversation import ConversationId
from conversation.errors import BatonError
from store import conversations, handovers
from store.tables import tracker_events, tracker_snapshots, trackers
from store.tracker_rows import Position, decode, encode, position, write

__all__ = ["Position", "TrackerMoved", "append", "decode", "encode", "position"]


#: Databases take only so many parameters in one statement.
_AT_ONCE = 500


class TrackerMoved(BatonError):
    """Somebody else appended to this tracker since it was read; nothing was written."""

    code = "tracker_moved"


def exists(tx: Connection, sender_id: str) -> bool:
    return position(tx, sender_id).seq > 0


def events_after(tx: Connection, sender_id: str, seq: int) -> list[dict[str, Any]]:
    rows = tx.execute(
        sa.select(tracker_events.c.event)
        .where(tracker_events.c.sender_id == sender_id, tracker_events.c.seq > seq)
        .order_by(tracker_events.c.seq)
    )
    return [decode(event) for event in rows.scalars()]


def numbered_after(
    tx: Connection, sender_id: str, seq: int, *, until: int | None = None
) -> list[tuple[int, dict[str, Any]]]:
    """`until`: the last one of interest."""
    after = tracker_events.c.seq > seq
    return _numbered(tx, sender_id, after if until is None else sa.and_(after, tracker_events.c.seq <= until))


def numbered(tx: Connection, sender_id: str, seqs: Sequence[int]) -> list[tuple[int, dict[str, Any]]]:
    """These events, as many of them as there are."""
    parts = [seqs[i : i + _AT_ONCE] for i in range(0, len(seqs), _AT_ONCE)]
    return [event for part in parts for event in _numbered(tx, sender_id, tracker_events.c.seq.in_(part))]


def _numbered(tx: Connection, sender_id: str, which: Any) -> list[tuple[int, dict[str, Any]]]:
    rows = tx.execute(
        sa.select(tracker_events.c.seq, tracker_events.c.event)
        .where(tracker_events.c.sender_id == sender_id, which)
        .order_by(tracker_events.c.seq)
    )
    return [(seq, decode(event)) for seq, event in rows]


def append(
    tx: Connection,
    sender_id: str,
    events: Sequence[Mapping[str, Any]],
    *,
    now: datetime,
    expected_seq: int | None = None,
) -> Position:
    """Appends, and makes of the events what they mean for the conversation (a wish for a person), if there is one.

    `expected_seq`: the number the events were decided on; `TrackerMoved` where it is not the stored one.
    """
    conversation = conversations.find(tx, sender_id)
    if conversation is not None:
        sender_id = conversations.lock(tx, sender_id).id  # which may have become another one
    at = position(tx, sender_id)
    if expected_seq is not None and at.seq != expected_seq:
        raise TrackerMoved(f"the tracker of {sender_id} is at {at.seq}, not at {expected_seq}")
    if not events:
        return at
    after = write(tx, sender_id, at, events)
    if conversation is not None:
        handovers.project(tx, ConversationId(sender_id), events, now)
    return after


def delete(tx: Connection, sender_id: str) -> None:
    for table in (tracker_snapshots, tracker_events, trackers):
        tx.execute(table.delete().where(table.c.sender_id == sender_id))


def sender_ids(tx: Connection, *, after: str = "", limit: int) -> list[str]:
    """The next ones, in order."""
    found = sa.select(trackers.c.sender_id).where(trackers.c.sender_id > after).order_by(trackers.c.sender_id)
    return list(tx.execute(found.limit(limit)).scalars())
