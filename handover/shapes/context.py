"""What somebody who takes over must know at once."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from handover.shapes.messages import Message
from handover.shapes.notes import Note
from handover.shapes.requests import Request
from handover.shapes.words import Instant, MessageStatus


class Guess(TypedDict):
    name: str
    confidence: float | None


class Understood(TypedDict):
    """What the model thought of one message, the likeliest first."""

    text: str | None
    intent: str
    confidence: float | None
    ranking: list[Guess]


class _Failed(TypedDict):
    kind: Literal["send", "parked", "turn"]
    id: int
    at: Instant | None
    detail: str | None
    what: str
    cure: str | None


class Failed(_Failed, total=False):
    """`kind` and `id` name the thing; `what` and `cure` are words for people."""

    status: MessageStatus


class _Window(TypedDict):
    open: bool
    closes_at: Instant | None
    seconds_left: int


class WindowNow(_Window, total=False):
    """`human_until`: a person may write until then. The rest: outside, the rule that holds, and what may be sent."""

    human_until: Instant | None
    rule: str
    may_send: list[str]
    words: str


class Rating(TypedDict):
    """What the customer thought of it."""

    score: int | None
    operator: str | None
    at: Instant | None


class Context(TypedDict):
    """All of it as of one moment. `request`: the one that waits, else the last one there was."""

    id: str
    request: Request | None
    reason: str | None
    language: str | None
    last_messages: list[Message]
    slots: dict[str, Any]
    understood: list[Understood]
    failed: list[Failed]
    window: WindowNow
    queue_place: int | None
    previous_owner: str | None
    notes: list[Note]
    tags: list[str]
    rating: Rating | None
