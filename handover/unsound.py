"""What no database keeps, refused where it comes in: whole numbers of more than 63 bits, and texts with the sign NUL.

A database refuses them too, with an error that says nothing to who asked.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import msgspec

from conversation.errors import BadInput, NotFound
from conversation.said import say

_MOST = 2**63 - 1
#: Bodies without either of these are not walked through.
_MAY_BE = re.compile(rb"\\u0000|[0-9]{19}|[0-9][eE]")


def refuse_in_path(values: Mapping[str, Any]) -> None:
    """Nothing is called so."""
    for value in values.values():
        if _is_unsound(unquote(value) if isinstance(value, str) else value):
            raise NotFound(say("There is no such thing."))


def refuse_in_body(raw: bytes, read: Any) -> None:
    if _MAY_BE.search(raw):
        refuse(read)


def refuse(read: Any) -> None:
    """In anything that was read, however deep."""
    waiting = [read]
    while waiting:
        each = waiting.pop()
        if _is_unsound(each):
            raise BadInput(say("A text may not hold the sign NUL, nor a whole number be of more than 63 bits."))
        if isinstance(each, msgspec.Struct):
            waiting.extend(getattr(each, name) for name in each.__struct_fields__)
        elif dataclasses.is_dataclass(each):
            waiting.extend(getattr(each, field.name) for field in dataclasses.fields(each))
        elif isinstance(each, dict):
            waiting.extend((*each.keys(), *each.values()))
        elif isinstance(each, (list, tuple, set, frozenset)):
            waiting.extend(each)


def _is_unsound(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" in value
    return isinstance(value, int) and not -_MOST <= value <= _MOST
