"""Who is answered first: each who waits has a moment by which they should be, and the earliest moment comes first.

Urgent ones come before the others, and still nobody starves: a moment stands, and what comes later has a later one.
`store/queue.py` says the same in SQL; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from conversation import window
from conversation.conversation import ConversationId
from conversation.handover import Priority

#: How long each may wait before they come first.
PATIENCE = {
    Priority.URGENT: timedelta(minutes=1),
    Priority.HIGH: timedelta(minutes=5),
    Priority.MEDIUM: timedelta(minutes=15),
    Priority.LOW: timedelta(minutes=60),
}
#: An answer is of use only while it may be sent, and a conversation is seldom one answer.
BEFORE_THE_WINDOW_CLOSES = timedelta(hours=2)


@dataclass(frozen=True, kw_only=True)
class Waiter:
    """A conversation that waits for a person, as far as its place is concerned."""

    id: ConversationId
    since: datetime
    priority: Priority
    last_inbound_at: datetime | None


def answer_by(waiter: Waiter, now: datetime) -> datetime:
    """By when they should have an answer. Where the window is closed there is nothing left to be in time for."""
    moment = waiter.since + PATIENCE[waiter.priority]
    closes = window.closes_at(waiter.last_inbound_at)
    if closes is None or closes <= now:
        return moment
    return min(moment, closes - BEFORE_THE_WINDOW_CLOSES)


def in_order(waiting: Iterable[Waiter], now: datetime) -> list[Waiter]:
    return sorted(waiting, key=lambda waiter: (answer_by(waiter, now), waiter.since, waiter.id))


def place(conversation_id: str, waiting: Sequence[Waiter], now: datetime) -> int | None:
    """1 for who comes next; None for who does not wait."""
    ids = [waiter.id for waiter in in_order(waiting, now)]
    return ids.index(ConversationId(conversation_id)) + 1 if conversation_id in ids else None
