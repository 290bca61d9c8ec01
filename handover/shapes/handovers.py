"""Who answers in a conversation, what became of a command, and the log of it."""

from __future__ import annotations

from typing import TypedDict

from handover.shapes.requests import Request
from handover.shapes.words import Instant, Standing, State, Toucher


class Owned(TypedDict):
    """`ownership` moves when the right to answer passes to or from a person; a command may say on which number it was
    decided."""

    state: State
    status: Standing
    owner: str | None
    ownership: int


class _Done(Owned):
    id: str
    in_flight: int


class Done(_Done, total=False):
    """`in_flight`: how many of the assistant's requests may still reach Meta; 0: none. `messages`: ids of what was
    written."""

    messages: list[int]


class Handover(Owned):
    """Where it stands. `next_toucher`: who or what changes it next."""

    id: str
    next_toucher: Toucher
    request: Request | None
    queue_place: int | None
    in_flight: int


class LogEntry(TypedDict):
    """A change of who answers: who, when, from, to, why."""

    id: int
    conversation_id: str
    command: str
    by: str
    before: State
    after: State
    status_before: Standing
    status_after: Standing
    owner_before: str | None
    owner_after: str | None
    ownership: int
    reason: str | None
    at: Instant
