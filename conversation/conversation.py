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


class Status(str, Enum):
    """Whether something is owed in it."""

    OPEN = "open"
    SNOOZED = "snoozed"  # its owner put it off; it wakes by itself, or when the customer writes
    RESOLVED = "resolved"  # settled; who writes again soon finds the person they had
    CLOSED = "closed"  # done with


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
    status: Status = Status.OPEN
    team_id: str | None = None  # whose queue it is in, or was last
    last_owner: str | None = None  # the person who had it last
    last_owned_at: datetime | None = None  # when a person last had it, or wrote in it
    waiting_since: datetime | None = None  # the customer waits for a person
    snoozed_until: datetime | None = None
    nobody_answers: bool = False  # pending because no assistant may speak
    arrival_due: bool = False  # who answers now is still to be named to the customer
    language: str | None = None  # the customer's, as far as the assistant could tell
    thread_owner: str | None = None  # another app that Meta lets write; None: us
    echo_held: bool = False  # somebody seems to have answered elsewhere while a request was under way: nothing leaves
