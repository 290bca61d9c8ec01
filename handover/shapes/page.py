"""The lists that things come in. Handlers may answer with one of these, or with a dict of the same names."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T]):
    """A part of a list. `next`: the cursor that the following part is asked for with; null: there is no more."""

    items: list[T]
    next: str | None = None


class Items(msgspec.Struct, Generic[T]):
    """A whole list."""

    items: list[T]


class Numbered(msgspec.Struct, Generic[T]):
    """A part of what goes on for ever. `last`: the number to go on after."""

    items: list[T]
    last: int
