"""Canned replies: texts that operators write once, with fields for what differs."""

from __future__ import annotations

from collections.abc import Mapping

import regex

from conversation.errors import BadInput
from conversation.said import say

#: What a field stands for, by its name.
FIELDS = {
    "customer": "the customer's name",
    "operator": "the name of who sends it",
    "shop": "the account's name",
}
#: A field with the comma and the space before it, which go with it where there is nothing to put there.
_FIELD = regex.compile(r"(?P<before>,?[ ]?)\{(?P<name>[^{}]*)\}")


def check(text: str) -> None:
    """`BadInput` where it has a field nobody knows: told when it is written, not when it is sent."""
    unknown = sorted({found["name"] for found in _FIELD.finditer(text)} - set(FIELDS))
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in FIELDS)
        wrong = ", ".join(f"{{{name}}}" for name in unknown)
        raise BadInput(say("There is no field {unknown}. There are: {known}.", unknown=wrong, known=known))


def fill(text: str, values: Mapping[str, str | None]) -> str:
    """The text with its fields filled in. A value is never looked through for fields: customers choose their names."""
    check(text)

    def put(found: regex.Match[str]) -> str:
        value = (values.get(found["name"]) or "").strip()
        return found["before"] + value if value else ""

    filled = _FIELD.sub(put, text)
    return filled if filled[:1] == text[:1] else filled.lstrip(" ,")
