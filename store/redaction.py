"""Takes words out of the history for good. The events stay: what was decided on them was decided."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.tables import tracker_events, tracker_snapshots
from store.tracker_rows import decode, encode

#: In place of the words: nothing that a model could take for words.
GONE = ""


def forget_words(tx: Connection, sender_id: str, provider_id: str) -> int:
    """How many events lost their words: those of this message of the customer's, wherever it stands."""
    rows = tx.execute(
        sa.select(tracker_events.c.seq, tracker_events.c.event)
        .where(
            tracker_events.c.sender_id == sender_id,
            tracker_events.c.type == "user",
            tracker_events.c.event.contains(provider_id, autoescape=True),
        )
        .order_by(tracker_events.c.seq)
    ).all()
    changed = [(row.seq, event) for row in rows if (event := decode(row.event)).get("message_id") == provider_id]
    for seq, event in changed:
        this = sa.and_(tracker_events.c.sender_id == sender_id, tracker_events.c.seq == seq)
        tx.execute(tracker_events.update().where(this).values(event=encode(_without_words(event))))
    if changed:  # it may have been taken from these words; it is made again from the events
        tx.execute(tracker_snapshots.delete().where(tracker_snapshots.c.sender_id == sender_id))
    return len(changed)


def _without_words(event: dict[str, Any]) -> dict[str, Any]:
    understood = {**event.get("parse_data", {}), "text": GONE, "entities": []}
    for key in ("text_tokens", "response_selector"):
        understood.pop(key, None)
    return {**event, "text": GONE, "parse_data": understood}
