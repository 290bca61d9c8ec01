"""One contact with one account, for good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NewType

from conversation.account import AccountId
from conversation.contact import ContactId

ConversationId = NewType("ConversationId", str)


class HandoverState(str, Enum):
    """Who answers."""

    BOT = "bot"
    PENDING = "pending"  # a person was asked for, or is needed, and none has it yet
    HUMAN = "human"


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """`ownership` moves when the right to answer passes to or from a person: a bot message leaves only under its own.

    `return_due`: a person gave it back, and the next turn starts from the known point.
    """

    id: ConversationId
    account_id: AccountId
    contact_id: ContactId
    state: HandoverState
    owner: str | None
    ownership: int
    return_due: bool
    unread: int
    last_inbound_at: datetime | None
    last_inbound_id: str | None  # the provider's id: what a read receipt or a typing sign refers to
    created_at: datetime
