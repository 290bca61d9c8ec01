"""A row of what the dashboard asks: how, with what, and what must come of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.dashboards import kinds
from bench.dashboards.kinds import Kind

if TYPE_CHECKING:
    from bench.dashboards.given import Given
    from bench.dashboards.page import Answer

#: No body at all, and no type of one: so several buttons send.
NOTHING: Any = object()


class Unmet(Exception):
    """What is not as the page needs it."""


def must(fact: Any, otherwise: str) -> None:
    if not fact:
        raise Unmet(otherwise)


#: What must hold after the answer: asks on, and raises `Unmet`.
Then = Callable[["Given", "Answer"], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Row:
    """`ask`: method and path, with {names} of what is given for it (given.py); `body` and `query` too.

    `mark`: R seen on the wire, C reachable by a click, L named and without a page, 501 not served yet. `note`: what
    tells it from others that ask the same. `on`: the channel of what is given. `by`: which page asks, of those given;
    without one, an admin's. `alone`: nobody writes meanwhile. `one_word`: its page takes `error` for a text.
    """

    ask: str
    mark: str
    body: Any = NOTHING
    query: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    upload: bool = False
    on: str = "whatsapp"
    status: tuple[int, ...] = (200,)
    shape: Kind = kinds.anything
    then: Then | None = None
    by: str | None = None
    alone: bool = False
    one_word: bool = False
    signed_in: bool = True

    @property
    def method(self) -> str:
        return self.ask.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.ask.partition(" ")[2]

    @property
    def label(self) -> str:
        asked = "&".join(f"{name}={value}" for name, value in self.query.items())
        label = f"{self.ask}?{asked}" if asked else self.ask
        return f"{label} ({self.note})" if self.note else label


def both(ask: str, *prefixes: str, **same: Any) -> list[Row]:
    """The same under several prefixes: `ask` has a star where they stand."""
    return [Row(ask=ask.replace("*", prefix), **same) for prefix in prefixes]
