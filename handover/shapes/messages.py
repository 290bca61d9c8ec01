"""A message, with its files and what it refers to."""

from __future__ import annotations

from typing import Any, TypedDict

from handover.shapes.words import Author, Direction, FileState, Instant, MessageStatus


class File(TypedDict):
    """`type`: what it is by its content; null until it is here."""

    id: int
    kind: str
    type: str | None
    name: str | None
    size: int | None
    state: FileState
    error: str | None


class _Quote(TypedDict):
    provider_id: str
    id: int | None


class Quote(_Quote, total=False):
    """What a message answers, or reacts to. Of one that is not here nothing is known but the channel's own id."""

    author: Author
    operator: str | None
    kind: str
    text: str | None
    removed_at: Instant | None


class PrivateReply(TypedDict):
    """Until when a comment may be answered in private, and whether it was."""

    until: Instant | None
    answered: bool


class Said(TypedDict):
    """`verdict`, `reason`: what the assistant made of it, and why it was silent. `cure`: what helps where it was not
    sent. `pricing`: what the channel says it is billed as."""

    id: int
    provider_id: str | None
    direction: Direction
    author: Author
    operator: str | None
    kind: str
    text: str | None
    content: Any
    files: list[File]
    intent: str | None
    confidence: float | None
    verdict: str | None
    reason: str | None
    status: MessageStatus
    error: str | None
    cure: str | None
    at: Instant | None
    sent_at: Instant | None
    delivered_at: Instant | None
    read_at: Instant | None
    edited_at: Instant | None
    removed_at: Instant | None
    pricing: dict[str, Any] | None


class _Message(Said):
    reply_to: Quote | None
    answered_with: int | None


class Message(_Message, total=False):
    """`verdict`, `reason`: what the assistant made of it, and why it was silent. `cure`: what helps where it was not
    sent. `answered_with`: the message, by its id, that began the turn in which this one was answered too.
    `private_reply`: of a comment."""

    private_reply: PrivateReply


class Sign(TypedDict):
    """`asked`: whether the channel is asked to show it; not where the customer never wrote, or it was taken back."""

    id: str
    asked: bool
