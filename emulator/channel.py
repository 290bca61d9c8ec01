"""What one network is to the emulator. A network is one file that offers this; WhatsApp is the first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from emulator.chats import Chats, Item
from emulator.fields import Json
from emulator.people import Account, Customer, People


@dataclass(frozen=True, kw_only=True)
class Said:
    """What somebody does on a phone. `kind` is one of the channel's `inbound_kinds`."""

    id: str
    at_s: int
    kind: str
    text: str = ""
    choice: Json = field(default_factory=dict)  # id, title, description of a button or row
    reply_to: str | None = None
    target: str = ""  # the message a reaction is for
    raw: Json = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ThreadControl:
    """A change of which app may write to a customer. `passed`: to the product; else it is taken from it."""

    at_s: int
    passed: bool
    role: str = ""  # of the new owner
    metadata: str = ""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What the journal notes about a request before anything is decided."""

    kind: str
    to: str | None = None
    text: str | None = None
    opaque: str | None = None


@dataclass(frozen=True, kw_only=True)
class Done:
    """What an accepted request led to."""

    answer: Json
    sent: Item | None = None
    read: Item | None = None
    typing: bool = False


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What a channel looks at to decide."""

    people: People
    chats: Chats
    enforce_window: bool


class Channel(Protocol):
    """One network's shapes, both ways. Adding a network is one file with this, and a line in `server.py`."""

    name: str
    inbound_kinds: frozenset[str]

    def new_id(self) -> str: ...

    def summary(self, method: str, path: list[str], body: Any) -> Summary: ...

    def node(self, account: Account, fields: list[str]) -> Json: ...

    def act(self, desk: Desk, account: Account, path: list[str], body: Any) -> Done: ...

    def message(self, account: Account, customer: Customer, said: Said) -> Json: ...

    def messages_value(self, account: Account, said: list[tuple[Customer, Json]]) -> Json: ...

    def status_value(self, account: Account, customer: Customer, item: Item, status: str) -> Json: ...

    def webhook(self, account: Account, value: Json, field: str = "messages") -> Json: ...

    def phone_echo(self, account: Account, customer: Customer, said: Said) -> Json: ...

    def standby_message(self, account: Account, customer: Customer, said: Said) -> Json: ...

    def standby_echo(self, account: Account, customer: Customer, said: Said) -> Json: ...

    def thread_control(self, account: Account, customer: Customer, control: ThreadControl) -> Json: ...

    def senders(self, value: Json) -> list[str]: ...
