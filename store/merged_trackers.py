"""Two trackers become one: the events of the talk that was quiet longer, then those of the one that goes on.

So the dialogue goes on where it stood. Its events may have other numbers than before, and a tracker in somebody's
memory is told from the new one by its last event: see `_marks_ahead`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store import tracker_rows
from store.tables import tracker_events, tracker_snapshots, trackers
from store.tracker_rows import Position

_SESSION = "session_started"
_SESSION_ACTION = "action_session_start"
#: More of them help nobody: then the events are all the same.
_MOST_MARKS = 16

Events = Sequence[dict[str, Any]]


def join(tx: Connection, into: str, was: str, *, lively: str, now: datetime) -> None:
    """All under `into`. `lively`: the one of the two that goes on. Snapshots are of neither any more."""
    tx.execute(tracker_snapshots.delete().where(tracker_snapshots.c.sender_id.in_([into, was])))
    quiet = was if lively == into else into
    first, second = tracker_rows.position(tx, quiet), tracker_rows.position(tx, lively)
    if not first.seq or not second.seq:
        _rename(tx, into, was, max(first, second, key=lambda each: each.seq))
        return
    between = _between(tx, lively, now)
    ahead = _marks_ahead(tx, quiet, lively, between, now) if lively == into else 0
    offset = ahead + first.seq + len(between)
    if lively == into:
        _shift(tx, into, offset)
        _move(tx, was, into, ahead)
    else:
        _move(tx, was, into, offset)
    if ahead:
        tx.execute(trackers.delete().where(trackers.c.sender_id == into))
        tracker_rows.write(tx, into, Position(), [_mark(now)] * ahead)
    tracker_rows.write(tx, into, Position(seq=ahead + first.seq), between)
    session_seq = offset + second.session_seq if _has_session(tx, into, offset) else offset
    _stand_at(tx, into, was, Position(seq=offset + second.seq, session_seq=session_seq))


def _rename(tx: Connection, into: str, was: str, position: Position) -> None:
    _move(tx, was, into, 0)
    if position.seq:
        _stand_at(tx, into, was, position)


def _between(tx: Connection, lively: str, now: datetime) -> Events:
    """What is written between the two; what the one held must not be read into the other."""
    first = _event(tx, lively, 1)
    begins = first["event"] == _SESSION or (first["event"] == "action" and first.get("name") == _SESSION_ACTION)
    return [_mark(now)] if begins else [_mark(now), {"event": _SESSION, "timestamp": now.timestamp()}]


def _mark(now: datetime) -> dict[str, Any]:
    """An utterance without words changes nothing that a policy looks at."""
    facts = {"handover": "merge"}
    return {"event": "bot", "timestamp": now.timestamp(), "text": None, "data": {}, "metadata": facts}


def _marks_ahead(tx: Connection, quiet: str, lively: str, between: Events, now: datetime) -> int:
    """How many are written before all else.

    Whoever has the lively one in memory looks whether its last event still stands where it stood, by its kind and its
    time, and would read on from there. Another must stand there: nearly always one does.
    """
    first, seq = tracker_rows.position(tx, quiet).seq, tracker_rows.position(tx, lively).seq
    last = _event(tx, lively, seq)
    for ahead in range(_MOST_MARKS):
        place = seq - ahead
        if place <= 0:
            there = _mark(now)
        elif place <= first:
            there = _event(tx, quiet, place)
        elif place <= first + len(between):
            there = between[place - first - 1]
        else:
            there = _event(tx, lively, place - first - len(between))
        if (there["event"], there.get("timestamp")) != (last["event"], last.get("timestamp")):
            return ahead
    return _MOST_MARKS


def _event(tx: Connection, sender_id: str, seq: int) -> dict[str, Any]:
    this = sa.and_(tracker_events.c.sender_id == sender_id, tracker_events.c.seq == seq)
    found: dict[str, Any] = tracker_rows.decode(tx.execute(sa.select(tracker_events.c.event).where(this)).scalar_one())
    return found


def _shift(tx: Connection, sender_id: str, by: int) -> None:
    """In two steps: on the way there no two may have one number."""
    theirs = tracker_events.c.sender_id == sender_id
    tx.execute(tracker_events.update().where(theirs).values(seq=-(tracker_events.c.seq + by)))
    tx.execute(tracker_events.update().where(theirs).values(seq=-tracker_events.c.seq))


def _move(tx: Connection, source: str, target: str, by: int) -> None:
    moved = {"sender_id": target, "seq": tracker_events.c.seq + by}
    tx.execute(tracker_events.update().where(tracker_events.c.sender_id == source).values(**moved))


def _has_session(tx: Connection, sender_id: str, after: int) -> bool:
    found = sa.select(tracker_events.c.seq).where(
        tracker_events.c.sender_id == sender_id, tracker_events.c.seq > after, tracker_events.c.type == _SESSION
    )
    return tx.execute(found.limit(1)).first() is not None


def _stand_at(tx: Connection, into: str, was: str, position: Position) -> None:
    tx.execute(trackers.delete().where(trackers.c.sender_id.in_([into, was])))
    tx.execute(trackers.insert(), {"sender_id": into, "seq": position.seq, "session_seq": position.session_seq})
