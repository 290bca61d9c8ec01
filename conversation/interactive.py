"""What a customer can press, fill in or choose from beside words: WhatsApp's interactive messages.

The same values whoever sends them: an operator's request and a trainer's `custom:` are read into them. What is longer
than a channel takes is no fault here: the channel shortens it, or says it in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Union

import msgspec

from conversation.nesting import refuse_too_deep

Words = Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
#: Meta, or the customer's browser, fetches it; we never do.
Link = Annotated[str, msgspec.Meta(pattern="^https?://", max_length=2000)]
Picture = Annotated[str, msgspec.Meta(pattern="^https://", max_length=2000)]


@dataclass(frozen=True, kw_only=True)
class LinkButton:
    """A text with one button, which opens an address."""

    text: Words
    label: Line
    url: Link
    header: Line | None = None
    footer: Line | None = None


@dataclass(frozen=True, kw_only=True)
class LocationRequest:
    """Asks where somebody is; they answer with a location."""

    text: Words


@dataclass(frozen=True, kw_only=True)
class ContactRequest:
    """Asks somebody for their number; they answer with a contact card."""

    text: Words


@dataclass(frozen=True, kw_only=True)
class CallPermission:
    """Asks whether the business may call."""

    text: Words


@dataclass(frozen=True, kw_only=True)
class Flow:
    """A form of WhatsApp's, by its id or by its name. `token` comes back with what was filled in; `screen` and `data`:
    where it begins, and with what. `draft`: one that is not published yet."""

    text: Words
    label: Line
    id: Name | None = None
    name: Line | None = None
    token: Line | None = None
    screen: Line | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    draft: bool = False
    header: Line | None = None
    footer: Line | None = None

    def __post_init__(self) -> None:
        refuse_too_deep(self.data)


@dataclass(frozen=True, kw_only=True)
class Product:
    """One of the catalogue, by its id there."""

    catalog: Name
    product: Name
    text: Words | None = None
    footer: Line | None = None


@dataclass(frozen=True, kw_only=True)
class Section:
    title: Line
    products: Annotated[Sequence[Name], msgspec.Meta(min_length=1, max_length=100)]


@dataclass(frozen=True, kw_only=True)
class ProductList:
    """Several of the catalogue, in sections."""

    header: Line
    text: Words
    catalog: Name
    sections: Annotated[Sequence[Section], msgspec.Meta(min_length=1, max_length=50)]
    footer: Line | None = None


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """The whole catalogue. `product`: whose picture stands for it."""

    text: Words
    product: Name | None = None
    footer: Line | None = None


@dataclass(frozen=True, kw_only=True)
class Card:
    """A picture or a film with words under it, and a button: one that opens an address, or some to choose from."""

    image: Picture | None = None
    video: Picture | None = None
    text: Annotated[str, msgspec.Meta(max_length=4096)] = ""
    label: Line | None = None
    url: Link | None = None
    choices: Annotated[Sequence[Line], msgspec.Meta(max_length=3)] = ()


@dataclass(frozen=True, kw_only=True)
class Carousel:
    """Cards to swipe through."""

    text: Words
    cards: Annotated[Sequence[Card], msgspec.Meta(min_length=1, max_length=30)]


Interactive = Union[
    LinkButton, LocationRequest, ContactRequest, CallPermission, Flow, Product, ProductList, Catalog, Carousel
]


def words_of(given: Interactive) -> str:
    """What a person reads of it."""
    if isinstance(given, Product):
        return given.text or given.product
    return given.text
