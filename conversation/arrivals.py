"""What a webhook body holds once it is parsed: messages, what our side wrote elsewhere, reports, and the unknown."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Union

from conversation.contact import Address
from conversation.message import MessageStatus

#: Kinds of inbound message the dialogue can be asked about; every other kind is for people.
TEXT = "text"
BUTTON = "button"  # a button or list row of ours was chosen: `choice` is its id
REACTION = "reaction"


@dataclass(frozen=True, kw_only=True)
class Inbound:
    """One message from a contact. `account` is the account's id as it stands in the webhook.

    `standby`: Meta lets another app write to this contact now; we only hear of it.
    """

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
    standby: bool = False


class EchoSource(str, Enum):
    """Where on our side a message was written."""

    PHONE = "phone"  # on the phone's own app, or a device linked to it
    APP = "app"  # by another app that Meta lets write


@dataclass(frozen=True, kw_only=True)
class Echo:
    """A message to a contact that our side wrote elsewhere. `opaque` is what was sent along with it."""

    account: str
    addresses: tuple[Address, ...]  # of the contact it was written to
    provider_id: str
    source: EchoSource
    kind: str
    sent_at: datetime
    name: str | None = None
    text: str | None = None
    reply_to: str | None = None
    content: dict[str, Any] = field(default_factory=dict)
    opaque: str | None = None


@dataclass(frozen=True, kw_only=True)
class ThreadControl:
    """Meta says which app may write to a contact from `at` on. `holder`: another app, or its role; None: us."""

    account: str
    addresses: tuple[Address, ...]
    holder: str | None
    at: datetime
    key: str  # what a repetition is known by
    metadata: str | None = None  # what the app that gave it away sent along


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


Arrival = Union[Inbound, Echo, ThreadControl, StatusReport, Unfamiliar]
