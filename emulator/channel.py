"""What one network is to the emulator. A network is one file that offers this; WhatsApp is the first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from emulator.assets import Assets
from emulator.chats import Chats, Item
from emulator.fields import Json
from emulator.openings import Openings
from emulator.people import Account, Customer, People
from emulator.threads import Threads


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
    app_id: str | None = None  # of what wrote an echo: "" leaves it out, None is the network's own inbox
    ms: int = 0  # more exact than `at_s`, where the network has it

    @property
    def at_ms(self) -> int:
        return self.ms or self.at_s * 1000


@dataclass(frozen=True, kw_only=True)
class ThreadControl:
    """A change of which app may write to a customer. `passed`: to the product; else it is taken from it.

    `requested`: another app asks the product for it."""

    at_s: int
    passed: bool
    requested: bool = False
    ms: int = 0  # more exact than `at_s`, where the network has it
    app_id: str = ""  # the other app
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
    customer: str | None = None  # whom a signal is for
    typing: bool | None = None  # begins or ends
    reaction: tuple[str, str] | None = None  # to which message, and the emoji; empty takes it back


def _none(account: Account) -> Sequence[Json]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What a channel looks at to decide."""

    people: People
    chats: Chats
    enforce_window: bool
    enforce_thread: bool = False
    threads: Threads = field(default_factory=Threads)
    assets: Assets = field(default_factory=Assets)
    openings: Openings = field(default_factory=Openings)
    templates: Callable[[Account], Sequence[Json]] = _none  # what the account's business had approved, or not


class Channel(Protocol):
    """One network's shapes, both ways. Adding a network is one file with this, and a line in `networks.py`."""

    name: str
    inbound_kinds: frozenset[str]
    window_kinds: frozenset[str]  # those of them that open the window
    files_by_url: bool  # or by an id, as WhatsApp has them
    thread_controls: frozenset[str]  # of passed, taken, requested
    reads_together: bool  # one report says that all before it was read

    def new_id(self) -> str: ...

    def address(self, account: Account, customer: Customer) -> str:
        """What the product knows this customer by."""
        ...

    def summary(self, method: str, path: list[str], body: Any) -> Summary: ...

    def node(self, account: Account, fields: list[str]) -> Json: ...

    def act(self, desk: Desk, account: Account, path: list[str], body: Any) -> Done: ...

    def message(self, account: Account, customer: Customer, said: Said) -> Json: ...

    def id_of(self, message: Json) -> str | None: ...

    def messages_value(self, account: Account, said: list[tuple[Customer, Json]]) -> Json: ...

    def status_value(self, account: Account, customer: Customer, item: Item, status: str) -> Json | None:
        """None: this network does not report it."""
        ...

    def own_echo(self, account: Account, customer: Customer, item: Item) -> Json | None:
        """The webhook about what the product itself sent. None: this network does not tell."""
        ...

    def webhook(self, account: Account, value: Json, field: str = "messages") -> Json: ...

    def phone_echo(self, account: Account, customer: Customer, said: Said) -> Json: ...

    def standby_message(self, account: Account, customer: Customer, said: Said) -> Json: ...

    def standby_echo(self, account: Account, customer: Customer, said: Said) -> Json: ...

    def thread_control(self, account: Account, customer: Customer, control: ThreadControl) -> Json: ...

    def senders(self, people: People, account: Account, value: Json) -> list[str]:
        """The phones that wrote, in a body made by hand."""
        ...
