"""Messages that were tried too often."""

from __future__ import annotations

from typing import Literal, TypedDict

from handover.shapes.words import Instant, MailKind


class Parked(TypedDict):
    """`failed`, `crashed`: how often each way."""

    id: int
    conversation_id: str
    kind: MailKind
    text: str | None
    error: str | None
    failed: int
    crashed: int
    arrived_at: Instant | None
    parked_at: Instant | None


class Retried(TypedDict):
    id: int
    state: Literal["new"]
