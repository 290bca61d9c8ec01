"""What was said, by whom, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from conversation.conversation import ConversationId


class Direction(str, Enum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Author(str, Enum):
    CONTACT = "contact"
    BOT = "bot"
    OPERATOR = "operator"
    SYSTEM = "system"  # arrival, queue place, return: written by a command


class MessageStatus(str, Enum):
    """Of an outbound message; an inbound one is RECEIVED for good."""

    RECEIVED = "received"
    QUEUED = "queued"  # written, not yet asked of Meta
    SENDING = "sending"  # a request is claimed or under way
    ACCEPTED = "accepted"  # Meta answered the request; nothing is known of the phone
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"  # refused by Meta, at once or later
    UNKNOWN = "unknown"  # the request may or may not have been carried out
    WITHDRAWN = "withdrawn"  # a person took over, or the assistant was switched off, before it left
    EXPIRED = "expired"  # too old to be said


#: Meta's reports come in any order; a message only goes up. FAILED is told apart in `after_report`.
LADDER = (
    MessageStatus.QUEUED,
    MessageStatus.SENDING,
    MessageStatus.UNKNOWN,
    MessageStatus.ACCEPTED,
    MessageStatus.SENT,
    MessageStatus.DELIVERED,
    MessageStatus.READ,
)


def after_report(current: MessageStatus, reported: MessageStatus) -> MessageStatus:
    """The status after a report of Meta's: never lower than it was; a failure counts until the phone has it."""
    if reported is MessageStatus.FAILED:
        delivered = current in (MessageStatus.DELIVERED, MessageStatus.READ)
        return current if delivered else reported
    if current is MessageStatus.FAILED and reported in (MessageStatus.SENT, MessageStatus.ACCEPTED):
        return current
    if current not in LADDER or reported not in LADDER:
        return reported if reported in LADDER else current
    return max(current, reported, key=LADDER.index)


def pricing_after(
    known: dict[str, Any] | None, current: MessageStatus, told: dict[str, Any] | None, reported: MessageStatus
) -> dict[str, Any] | None:
    """What it costs after a report: what was told with the later status counts, and nothing known is lost."""
    if known is None or told is None:
        return told if known is None else known
    is_late = current in LADDER and reported in LADDER and LADDER.index(reported) < LADDER.index(current)
    return {**told, **known} if is_late else {**known, **told}


@dataclass(frozen=True, kw_only=True)
class Message:
    id: int
    conversation_id: ConversationId
    provider_id: str | None
    direction: Direction
    author: Author
    operator: str | None
    kind: str
    text: str | None
    content: dict[str, Any]
    intent: str | None
    confidence: float | None
    verdict: str | None
    reason: str | None
    status: MessageStatus
    error: str | None
    at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    edited_at: datetime | None = None
    removed_at: datetime | None = None
    reply_to: str | None = None  # provider id of the message answered or reacted to
    pricing: dict[str, Any] | None = None  # what the platform says it costs: type and category
