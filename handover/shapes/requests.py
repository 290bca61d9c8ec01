"""A wish for a person."""

from __future__ import annotations

from typing import Any, TypedDict

from handover.shapes.words import Instant, Priority, RequestState


class Request(TypedDict):
    """`details`: what the dialogue knew when it asked."""

    id: int
    conversation_id: str
    state: RequestState
    priority: Priority
    reason: str
    details: dict[str, Any]
    asked_by: str
    team_id: str | None
    created_at: Instant | None
    expires_at: Instant | None
    ended_at: Instant | None
    ended_by: str | None


class Requests(TypedDict):
    """`next`: the number of the request that the following part begins after; null: there is no more."""

    items: list[Request]
    next: int | None
