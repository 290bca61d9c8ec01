"""Where a page of conversations ended, in a word that says nothing to who keeps it."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta, timezone

import regex

from conversation.errors import BadInput
from conversation.said import say
from store.listing import Place

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_INSIDE = regex.compile(r"(-?\d{1,17}) (\S{1,40})")


def of(place: Place) -> str:
    inside = f"{(place.moment - _EPOCH) // _MICROSECOND} {place.id}"
    return base64.urlsafe_b64encode(inside.encode()).decode().rstrip("=")


def of_pair(first: str, second: str) -> str:
    """Of a list in the order of two words without spaces."""
    return base64.urlsafe_b64encode(f"{first} {second}".encode()).decode().rstrip("=")


def pair(cursor: str) -> tuple[str, str]:
    try:
        first, second = _decoded(cursor).split(" ")
        return first, second
    except (binascii.Error, ValueError):
        raise BadInput(say("This cursor is none of ours: begin again without it.")) from None


def place(cursor: str) -> Place:
    try:
        found = _INSIDE.fullmatch(_decoded(cursor))
        if found is not None:
            return Place(_EPOCH + int(found[1]) * _MICROSECOND, found[2])
    except (binascii.Error, ValueError, OverflowError):
        pass
    raise BadInput(say("This cursor is none of ours: begin again without it."))


def _decoded(cursor: str) -> str:
    """`ValueError` for what no database can be asked for either."""
    inside = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    if "\x00" in inside:
        raise ValueError("NUL")
    return inside
