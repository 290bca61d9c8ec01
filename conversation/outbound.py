"""What a person may send, the same on every channel; and which channel can be sent what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated, Literal, Union, get_args

import msgspec

from conversation import template
from conversation.account import Account, Channel
from conversation.errors import BadInput, NotOnChannel
from conversation.interactive import (
    CallPermission,
    Carousel,
    Catalog,
    ContactRequest,
    Flow,
    Interactive,
    LinkButton,
    LocationRequest,
    Picture,
    Product,
    ProductList,
    words_of,
)
from conversation.message import Author
from conversation.said import say
from conversation.template import Template as Template
from conversation.window import Rule, may_write

INTERACTIVE = get_args(Interactive)


class Sort(str, Enum):
    """Sorts of message, and what a message can have besides."""

    TEXT = "text"
    FILES = "files"
    BUTTONS = "buttons"  # as quick replies where there are more than buttons go
    LIST = "list"  # as quick replies where a channel has no lists
    TEMPLATE = "template"  # approved beforehand, so that it may be sent outside the window
    LOCATION = "location"
    CONTACTS = "contacts"
    REACTION = "reaction"
    STICKER = "sticker"
    QUOTE = "quote"  # the message that is answered is shown with it
    CTA_URL = "cta_url"  # a button that opens an address
    LOCATION_REQUEST = "location_request"
    CONTACT_REQUEST = "contact_request"
    CALL_PERMISSION = "call_permission"
    FLOW = "flow"
    PRODUCT = "product"
    PRODUCT_LIST = "product_list"
    CATALOG = "catalog"
    CAROUSEL = "carousel"


_EVERYWHERE = frozenset(
    {Sort.TEXT, Sort.FILES, Sort.BUTTONS, Sort.LIST, Sort.REACTION, Sort.QUOTE, Sort.CTA_URL, Sort.CAROUSEL}
)
#: What a channel can be sent. Templates are WhatsApp's; on Messenger, its utility messages.
CAN: Mapping[Channel, frozenset[Sort]] = {
    Channel.WHATSAPP: frozenset(Sort),
    Channel.MESSENGER: _EVERYWHERE | {Sort.TEMPLATE},
    Channel.INSTAGRAM: _EVERYWHERE | {Sort.STICKER},
}

#: Of one message.
MOST_FILES, MOST_BUTTONS, MOST_ROWS, MOST_CARDS = 10, 13, 10, 10


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What the customer may choose. It comes back as if they had written its title."""

    title: str
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class Location:
    latitude: float
    longitude: float
    name: str | None = None
    address: str | None = None


@dataclass(frozen=True, kw_only=True)
class Card:
    """Somebody, with how they are reached."""

    name: str
    phones: Sequence[str] = ()
    emails: Sequence[str] = ()
    organization: str | None = None


@dataclass(frozen=True, kw_only=True)
class Contacts:
    cards: Sequence[Card]


@dataclass(frozen=True, kw_only=True)
class Reaction:
    """To the message that is quoted. An empty one takes it back."""

    emoji: str


@dataclass(frozen=True, kw_only=True)
class Sticker:
    """`media`: a file of ours, of which `type` and `size` are known once it is looked up; `link`: one that Meta
    fetches; neither: the one sticker that a channel has itself."""

    media: int | None = None
    link: Picture | None = None
    type: str = ""
    size: int = 0


@dataclass(frozen=True, kw_only=True)
class LinkedFile:
    """A file by its address, which Meta fetches: we don't. `voice`: a sound that is played as a voice note."""

    kind: Literal["image", "video", "audio", "document"]
    link: Picture
    filename: Annotated[str, msgspec.Meta(max_length=240)] | None = None
    voice: bool = False


Special = Union[Location, Contacts, Template, Reaction, Sticker, Interactive]
_SORT_OF: Mapping[type, Sort] = {
    LinkButton: Sort.CTA_URL,
    LocationRequest: Sort.LOCATION_REQUEST,
    ContactRequest: Sort.CONTACT_REQUEST,
    CallPermission: Sort.CALL_PERMISSION,
    Flow: Sort.FLOW,
    Product: Sort.PRODUCT,
    ProductList: Sort.PRODUCT_LIST,
    Catalog: Sort.CATALOG,
    Carousel: Sort.CAROUSEL,
    Location: Sort.LOCATION,
    Contacts: Sort.CONTACTS,
    Template: Sort.TEMPLATE,
    Reaction: Sort.REACTION,
    Sticker: Sort.STICKER,
}


@dataclass(frozen=True, kw_only=True)
class Outbound:
    """One send of a person's: words, files and choices, or something special alone.

    `media`: ids of files that were uploaded for it; `files`: others, by their addresses. `voice`: what is uploaded is a
    voice note, where it is a sound that can be one. `list_label`: what opens the list that the choices are then in.
    `quotes`: the message it answers or reacts to. `comment`: one that is answered in private.
    """

    text: str = ""
    media: Sequence[int] = ()
    files: Sequence[LinkedFile] = ()
    voice: bool = False
    choices: Sequence[Choice] = ()
    list_label: str | None = None
    special: Special | None = None
    quotes: int | None = None
    comment: int | None = None

    @property
    def sorts(self) -> frozenset[Sort]:
        """All that a channel must be able to do for it."""
        found = {Sort.QUOTE} if self.quotes is not None and not isinstance(self.special, Reaction) else set()
        if self.special is not None:
            return frozenset({*found, _SORT_OF[type(self.special)]})
        if self.text.strip():
            found.add(Sort.TEXT)
        if self.media or self.files:
            found.add(Sort.FILES)
        if self.choices:
            found.add(Sort.BUTTONS if self.list_label is None else Sort.LIST)
        return frozenset(found)

    @property
    def opens_window(self) -> bool:
        """Whether Meta takes it however long the contact has been silent."""
        return isinstance(self.special, Template) or self.comment is not None

    @property
    def words(self) -> str | None:
        """What a person reads of it, as far as we know it."""
        if isinstance(self.special, Location):
            return " · ".join(part for part in (self.special.name, self.special.address) if part) or None
        if isinstance(self.special, Contacts):
            return ", ".join(card.name for card in self.special.cards)
        if isinstance(self.special, Reaction):
            return self.special.emoji or None
        if isinstance(self.special, INTERACTIVE):
            return words_of(self.special)
        return self.text.strip() or None


def check(outbound: Outbound) -> None:
    """Whether it can be sent at all; `BadInput` says why not."""
    wordy = bool(outbound.text.strip() or outbound.media or outbound.files or outbound.choices)
    if wordy == (outbound.special is not None):
        if not wordy:
            raise BadInput(say("A reply needs a text or a file."))
        raise BadInput(say("A location, a template, a reaction and the like each go alone."))
    if isinstance(outbound.special, Template):
        template.check(outbound.special)
    if isinstance(outbound.special, Flow) and (outbound.special.id is None) == (outbound.special.name is None):
        raise BadInput(say("A flow is named by its id or by its name: one of them."))
    if len(outbound.media) + len(outbound.files) > MOST_FILES:
        raise BadInput(say("A reply has at most {most} files.", most=MOST_FILES))
    if outbound.choices and not outbound.text.strip():
        raise BadInput(say("What can be chosen needs a text above it."))
    most = MOST_BUTTONS if outbound.list_label is None else MOST_ROWS
    if len(outbound.choices) > most:
        raise BadInput(say("There is room for {most} choices.", most=most))
    if any(choice.title.lstrip().startswith("/") or not choice.title.strip() for choice in outbound.choices):
        raise BadInput(say("A choice has a title, which does not begin with a slash."))
    if isinstance(outbound.special, Reaction) and outbound.quotes is None:
        raise BadInput(say("A reaction needs the message it is for."))
    if outbound.comment is not None and outbound.sorts != {Sort.TEXT}:
        raise BadInput(say("A private reply to a comment is a text, without files."))


def need_channel(outbound: Outbound, channel: Channel) -> None:
    """Whether this channel can be sent that; `NotOnChannel` says what it can."""
    for sort in sorted(outbound.sorts - CAN[channel]):
        raise NotOnChannel(
            say("{channel} can't be sent this: {sort}.", channel=channel.value, sort=sort.value), can(channel)
        )


def may_send(account: Account, last_inbound_at: datetime | None, now: datetime) -> list[str]:
    """What a person may send just now."""
    sorts = CAN[account.channel]
    if isinstance(may_write(account, Author.OPERATOR, last_inbound_at, now), Rule):
        sorts = sorts & {Sort.TEMPLATE}
    return list(_in_order(sorts))


def can(channel: Channel) -> tuple[str, ...]:
    """What a channel can be sent at all."""
    return _in_order(CAN[channel])


def _in_order(sorts: frozenset[Sort]) -> tuple[str, ...]:
    return tuple(sort.value for sort in Sort if sort in sorts)
