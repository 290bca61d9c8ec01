"""What stands in an address, read: numbers, names, and words of which there are only some."""

from __future__ import annotations

import re
from enum import Enum
from typing import TypeVar

from sanic.request import Request

from conversation.errors import BadInput

E = TypeVar("E", bound=Enum)

MOST = 200
_NUMBER = re.compile(r"[0-9]{1,18}")


def whole_number(text: str | None, *, default: int, least: int = 1, most: int | None = None) -> int:
    if text is None:
        return default
    if not _NUMBER.fullmatch(text) or int(text) < least:
        raise BadInput(f"{text!r} is not a whole number from {least} on.")
    return int(text) if most is None else min(int(text), most)


def limit(request: Request, *, default: int) -> int:
    return whole_number(request.args.get("limit"), default=default, most=MOST)


def number(request: Request, name: str) -> int | None:
    """A number, where it is given."""
    text = request.args.get(name)
    return None if text is None else whole_number(text, default=0, least=0)


def message_id(request: Request, name: str) -> int | None:
    """A message's number, where it is given; what was fetched from the past has numbers below zero."""
    text = request.args.get(name)
    return -whole_number(text[1:], default=0) if text and text[0] == "-" else number(request, name)


def one_of(kind: type[E], request: Request, name: str) -> E | None:
    text = request.args.get(name)
    try:
        return None if text is None else kind(text)
    except ValueError as error:
        raise BadInput(f"{name} is one of {', '.join(str(each.value) for each in kind)}.") from error


def yes(request: Request, name: str) -> bool:
    text = request.args.get(name, "0").lower()
    if text not in _WORDS:
        raise BadInput(f"{name} is 1 or 0.")
    return _WORDS[text]


_WORDS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
