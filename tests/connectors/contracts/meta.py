"""How Meta bundles events: a body is of one object, an entry of one account and moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_OF_AN_ENTRY = ("id", "time")
_OF_A_CHANGE = ("messages", "statuses", "message_echoes")


def split(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for entry in body["entry"]:
        about = {key: entry[key] for key in _OF_AN_ENTRY if key in entry}
        for name in ("messaging", "standby", "changes"):
            for item in entry.get(name, []):
                for part in _parts_of(item):
                    yield {"object": body["object"], "entry": [{**about, name: [part]}]}


def _parts_of(item: Any) -> Iterator[Any]:
    """A change of WhatsApp's may tell of many messages of one number; each can come by itself."""
    value = item.get("value", {}) if isinstance(item, dict) else {}
    lists = [key for key in _OF_A_CHANGE if isinstance(value.get(key), list)]
    if len(lists) == 1 and value.keys() <= {"messaging_product", "metadata", "contacts", lists[0]}:
        yield from ({**item, "value": {**value, lists[0]: [part]}} for part in value[lists[0]])
    else:
        yield item


def join(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any] | None:
    """Two entries of one account and moment become one."""
    if one["object"] != other["object"]:
        return None
    *before, last = one["entry"]
    first, *after = other["entry"]
    if all(last.get(key) == first.get(key) for key in _OF_AN_ENTRY):
        lists = {key: value for key, value in first.items() if key not in _OF_AN_ENTRY}
        merged = {**last, **{name: [*last.get(name, []), *items] for name, items in lists.items()}}
        return {**one, "entry": [*before, merged, *after]}
    return {**one, "entry": [*one["entry"], *other["entry"]]}
