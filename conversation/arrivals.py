"""What a webhook body holds once it is parsed: messages, what became of some, what our side wrote elsewhere, reports,
and the unknown."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Union

from conversation.contact import Address
from conversation.course import Course
from conversation.message import MessageStatus
from conversation.platform_news import TemplateNews, Verdict

#: Kinds of inbound message the dialogue can be asked about; every other kind is for people.
TEXT = "text"
BUTTON = "button"  # a button or list row of ours was chosen: `choice` is its id
REACTION = "reaction"
#: A comment under a post: of everybody's to see, and answered in private once at most.
COMMENT = "comment"
#: Something a contact did that says nothing: kept for people to see; nobody is waiting for an answer to it.
REFERRAL, OPTIN, ACCOUNT_LINKING, FEEDBACK = "referral", "optin", "account_linking", "feedback"
#: Something that Meta does not deliver, or that we do not know (yet).
UNSUPPORTED = "unsupported"
#: What the channel itself says in a conversation: a number or an identity changed.
SYSTEM = "system"
SIGNALS = frozenset({REFERRAL, OPTIN, ACCOUNT_LINKING, FEEDBACK, SYSTEM})
#: What of an address book could not be read. It holds people who never wrote: a webhook with it is not kept as it came.
UNREAD_OF_ADDRESS_BOOK = frozenset({"unreadable_state_sync", "smb_app_state_sync", "smb_app_state_sync_other"})


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file of a message: to be had by the channel's `id` of it, or at `url`."""

    kind: str  # image, video, audio, document, sticker, story, share (an image or a video of a post)
    id: str | None = None
    url: str | None = None
    declared_type: str | None = None
    name: str | None = None
    sha256: str | None = None  # as the channel gives it


@dataclass(frozen=True, kw_only=True)
class Inbound:
    """One message from a contact. `account` is the account's id as it stands in the webhook.

    `standby`: Meta lets another app write to this contact now; we only hear of it.
    `ours`: what was chosen stands in our own menus, so that a payload which is no token of ours counts as well.
    `recovered`: not told by a webhook, but fetched afterwards.
    `becomes`: what the same contact is known by from now on, beside or instead of `addresses`.
    `group`: it was written in a group, which is the contact then; who wrote it stands in `content["from"]`.
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
    attachments: tuple[Attachment, ...] = ()
    opens_window: bool = True  # whether Meta lets us write freely for a day because of it
    ours: bool = False
    recovered: bool = False
    becomes: tuple[Address, ...] = ()
    group: bool = False


@dataclass(frozen=True, kw_only=True)
class Edited:
    """A contact, or our side elsewhere, wrote a message anew. `number` counts the edits of one message, from 1.

    `own_id`: the edit's, where the channel gives it one; `provider_id` is the message's.
    """

    account: str
    addresses: tuple[Address, ...]
    provider_id: str
    text: str | None
    at: datetime
    number: int = 1
    own_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Removed:
    """A message was taken back by who wrote it: its words and files must go, the fact stays.

    `own_id`: the removal's, where the channel gives it one.
    """

    account: str
    addresses: tuple[Address, ...]  # none where nobody is named: the message's id says enough
    provider_id: str
    at: datetime
    own_id: str | None = None


class EchoSource(str, Enum):
    """Where on our side a message was written."""

    PHONE = "phone"  # on the channel's own app: a phone's, a device linked to it, a Page's inbox
    APP = "app"  # by another app that Meta lets write


@dataclass(frozen=True, kw_only=True)
class Echo:
    """A message to a contact that our side wrote elsewhere. `opaque` is what was sent along with it.

    `may_be_ours`: the channel echoes our own sends too, and nothing in this one says whose it is.
    """

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
    attachments: tuple[Attachment, ...] = ()
    may_be_ours: bool = False
    recovered: bool = False


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
    error_code: int | None = None
    course: Course | None = None  # what is to be done about the error, where the channel says which it is
    pricing: dict[str, Any] | None = None  # type and category, as the channel bills it
    addresses: tuple[Address, ...] = ()  # of whom it was sent to, as far as the report says


@dataclass(frozen=True, kw_only=True)
class SeenUpTo:
    """A contact's phone has (`DELIVERED`), or they have read (`READ`), all of ours up to a time, or to a message."""

    account: str
    addresses: tuple[Address, ...]
    status: MessageStatus
    at: datetime
    until: datetime | None = None
    provider_ids: tuple[str, ...] = ()  # messages named; with `READ`, all before each of them too


@dataclass(frozen=True, kw_only=True)
class AccountTrouble:
    """Meta has stopped an account, or lets it go on (`fault` None)."""

    account: str
    fault: str | None
    body: dict[str, Any]
    key: str


@dataclass(frozen=True, kw_only=True)
class AccountNews:
    """What Meta says of a number, of the business account it belongs to, or of that one's templates.

    `account` is the number's id, where it is named; `number` how people write it, digits alone; `business` the business
    account's id. `kind` is Meta's own field. `facts`: by the names of `platform_facts.PlatformFacts`.
    `signed_for`: the accounts whose app has signed it, which are all that it may change; None: nobody looked.
    """

    account: str | None
    business: str | None
    kind: str
    body: dict[str, Any]
    at: datetime
    key: str
    number: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    verdict: Verdict | None = None
    template: TemplateNews | None = None
    signed_for: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True)
class MarketingWish:
    """A contact tells Meta whether they want to hear from this account unasked."""

    account: str
    addresses: tuple[Address, ...]
    wanted: bool
    at: datetime
    key: str


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the account's own address book calls a contact. `name` None: they were taken out of it."""

    account: str
    addresses: tuple[Address, ...]
    name: str | None
    at: datetime
    key: str


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """A message of before we heard, told unasked: for people to read. Nobody answers it, and it wakes nobody."""

    account: str
    said: Inbound | Echo

    @property
    def addresses(self) -> tuple[Address, ...]:
        return self.said.addresses

    @property
    def provider_id(self) -> str:
        return self.said.provider_id


@dataclass(frozen=True, kw_only=True)
class Unfamiliar:
    """Something that has no place in a conversation (yet): kept whole, shown as a webhook event."""

    account: str | None
    kind: str
    body: dict[str, Any]
    key: str | None = None  # what a repetition is known by, if it has an id of its own


Arrival = Union[
    Inbound,
    Edited,
    Removed,
    Echo,
    ThreadControl,
    StatusReport,
    SeenUpTo,
    AccountTrouble,
    AccountNews,
    MarketingWish,
    Known,
    Remembered,
    Unfamiliar,
]
