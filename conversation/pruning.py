"""What is said of one person in a body that says things of several: taken out, in the smallest items of its lists."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

#: A body of which nothing is left.
NOTHING: Any = object()


def parted(body: Any, names: Collection[str]) -> tuple[Any, list[Any]]:
    """The body without the items that name any of these, and those items. A body that is all theirs: `NOTHING`.

    Somebody is named by a value that is their name, as a text or as a number; not by a text that mentions it.
    """
    if isinstance(body, str):  # nobody could read it: whole or not at all
        return (NOTHING, [body]) if any(name in body for name in names) else (body, [])
    if not _names(body, names):
        return body, []
    rest, theirs = _without(body, names)
    if rest is NOTHING:
        return NOTHING, theirs or [body]
    return rest, theirs


def _without(body: Any, names: Collection[str]) -> tuple[Any, list[Any]]:
    if isinstance(body, list):
        return _items_without(body, names)
    if not isinstance(body, dict) or any(_is_name(value, names) for value in _plain_values(body)):
        return NOTHING, [body]
    rest, theirs = {}, []
    for key, value in body.items():
        if not _names(value, names):
            rest[key] = value
            continue
        left, taken = _without(value, names)
        if any(each is value for each in taken):
            return NOTHING, [body]  # a part of it that is no item can't be taken out alone
        if left is not NOTHING:
            rest[key] = left
        elif isinstance(value, list):
            rest[key] = []
        theirs += taken
    return (rest if _holds_items(rest) else NOTHING), theirs


def _items_without(items: list[Any], names: Collection[str]) -> tuple[Any, list[Any]]:
    rest, theirs = [], []
    for item in items:
        if not _names(item, names):
            rest.append(item)
            continue
        left, taken = _without(item, names)
        theirs += taken
        if left is not NOTHING:
            rest.append(left)
    return (rest or NOTHING), theirs


def _plain_values(body: dict[str, Any]) -> list[Any]:
    return [value for value in body.values() if not isinstance(value, (dict, list))]


def _names(value: Any, names: Collection[str]) -> bool:
    if isinstance(value, dict):
        return any(_names(each, names) for each in value.values())
    if isinstance(value, list):
        return any(_names(each, names) for each in value)
    return _is_name(value, names)


def _is_name(value: Any, names: Collection[str]) -> bool:
    return not isinstance(value, bool) and isinstance(value, (str, int)) and str(value) in names


def _holds_items(value: Any) -> bool:
    """Whether anything is still told in it: an item of a list, however deep."""
    if isinstance(value, dict):
        return any(_holds_items(each) for each in value.values())
    return isinstance(value, list) and bool(value)
