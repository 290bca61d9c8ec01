"""What a webhook body holds once it is parsed: messages, reports on ours, and what we do not know."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Union

from conversation.contact import Address
from conversation.message import MessageStatus

#: Kinds of inbound message the dialogue can be asked about; every other kind is for people.
TEXT = "text"
BUTTON = "button"  # a button or list row of ours was chosen: `choice` is its id
REACTION = "reaction"


@dataclass(frozen=True, kw_only=True)
class Inbound:
    """One message from a contact. `account` is the account's id as it stands in the webhook."""

    account: str
    addresses: tuple[Address, ...]
    provider_id: str
    kind: str
    sent_at: datetime
    name: str | None = None
    text: str | None = None
    choice: str | None = None  # the id of the button or row chosen, as we sent it
    reply_to: str | None = None  # provider id of the message answered or reacted to
    content: dict[str, Any] = field(default_factory=dict)  # the kind's own object, for people to see


@dataclass(frozen=True, kw_only=True)
class StatusReport:
    """What Meta says became of an outbound message. `opaque` is what we sent along, if it came back."""

    account: str
    provider_id: str
    status: MessageStatus
    at: datetime
    opaque: str | None = None
    error: str | None = None


@dataclass(frozen=True, kw_only=True)
class Unfamiliar:
    """Something that has no place in a conversation (yet): kept whole, shown as a webhook event."""

    account: str | None
    kind: str
    body: dict[str, Any]
    key: str | None = None  # what a repetition is known by, if it has an id of its own


Arrival = Union[Inbound, StatusReport, Unfamiliar]
