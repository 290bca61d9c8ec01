"""A conversation in a list, and as it stands."""

from __future__ import annotations

from typing import TypedDict

from handover.shapes.abilities import Sort
from handover.shapes.contacts import OptOut
from handover.shapes.handovers import Owned
from handover.shapes.people import TeamName
from handover.shapes.requests import Request
from handover.shapes.words import AddressKind, Author, Channel, Instant, MessageStatus, Toucher


class Address(TypedDict):
    kind: AddressKind
    value: str


class Person(TypedDict):
    """The customer. `picture`: where it can be had, with a token. `opted_out_at`: since when they want nothing unasked,
    and `opted_out_by` what said so."""

    id: str
    name: str | None
    username: str | None
    picture: str | None
    addresses: list[Address]
    opted_out_at: Instant | None
    opted_out_by: OptOut | None


class Thread(TypedDict):
    """`owner`: another app that Meta lets write, by its id or role; null: us."""

    owner: str | None


class Rule(TypedDict):
    """What holds outside the window, and what may be sent there all the same."""

    name: str
    number: str
    may_send: list[str]


class Window(TypedDict):
    """Until when may be written freely. `human_until`: so long may a person write when it is closed; null: nobody."""

    closes_at: Instant | None
    human_until: Instant | None
    rule: Rule


class LastWord(TypedDict):
    text: str | None
    author: Author
    at: Instant | None
    kind: str
    status: MessageStatus
    removed_at: Instant | None


class Conversation(Owned):
    """`account`: as the channel calls it; `account_id`: as we do. `waiting_since`: since when the customer waits for a
    person. `nobody_answers`: it is pending because no assistant may speak. `may_send`: what a person may send now."""

    id: str
    account: str
    account_id: str
    account_name: str
    channel: Channel
    contact: Person
    team: TeamName | None
    nobody_answers: bool
    waiting_since: Instant | None
    snoozed_until: Instant | None
    language: str | None
    thread: Thread
    unread: int
    last_inbound_at: Instant | None
    window: Window
    may_send: list[Sort]
    tags: list[str]
    last_message: LastWord | None
    request: Request | None
    queue_place: int | None
    created_at: Instant | None
    next_toucher: Toucher


class Threaded(TypedDict):
    """A conversation's thread."""

    id: str
    thread: Thread


class Unread(TypedDict):
    """How much of a conversation nobody has looked at."""

    id: str
    unread: int


class Tagged(TypedDict):
    """All tags of a conversation."""

    id: str
    tags: list[str]
