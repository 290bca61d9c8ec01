"""One thing for the actor to decide about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, NewType

from conversation.conversation import ConversationId

MailId = NewType("MailId", int)


class MailKind(str, Enum):
    MESSAGE = "message"  # a message from the contact
    REMINDER = "reminder"  # a reminder of the dialogue fell due


class MailState(str, Enum):
    NEW = "new"
    DONE = "done"
    PARKED = "parked"  # tried too often; recorded, shown, waits for a person


@dataclass(frozen=True, kw_only=True)
class Mail:
    """`seen_by_person`: a person had the conversation after it arrived, so it is not the bot's to answer.

    `attempts` are turns that failed, `crashes` those that a process ended in. `begins` counts all: only the turn that
    was begun last may finish the mail. `recorded`: its words are in the tracker, though it was never answered.
    `turn_key` is the same at every attempt, so that an action which writes elsewhere can refuse the second time.
    """

    id: MailId
    conversation_id: ConversationId
    kind: MailKind
    message_id: int | None
    provider_id: str | None
    message_kind: str | None
    text: str | None
    payload: dict[str, Any]
    seen_by_person: bool
    attempts: int
    begins: int
    crashes: int
    recorded: bool
    arrived_at: datetime
    sent_at: datetime | None = None  # by the channel's time
    removed: bool = False  # taken back by who wrote it
    under_way: bool = False  # a turn was begun on it, and had not ended when it was read

    @property
    def failures(self) -> int:
        """How often it was tried in vain, a turn that its process may have ended in among them."""
        return self.attempts + self.crashes + self.under_way

    @property
    def turn_key(self) -> str:
        return f"{self.conversation_id}.{self.id}"
