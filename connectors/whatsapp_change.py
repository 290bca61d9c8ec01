"""One change of a WhatsApp webhook. Items of its lists are read each by itself: a bad one never hurts the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from connectors import reading
from connectors.reading import Unreadable, ident, items, obj
from conversation.arrivals import Arrival, Unfamiliar

log = structlog.get_logger(__name__)

_COMMON_KEYS = {"messaging_product", "metadata", "contacts"}


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of one entry, and what its events have in common."""

    entry_id: str | None
    entry_time: Any
    field: str
    value: dict[str, Any]
    account: str | None
    now: datetime
    signed_for: frozenset[str] | None = None  # the accounts whose app has signed it

    def unfamiliar(self, kind: str, piece: Any, key: str | None = None) -> Unfamiliar:
        """`piece`, known by its id, or else by all that makes it what it is."""
        known_by = key or reading.digest(self.entry_id, self.entry_time, self.field, piece)
        return Unfamiliar(account=self.account, kind=kind, body=reading.whole(piece), key=known_by)


Read = Callable[[Change, dict[str, Any]], Arrival]
#: For each list that a field may hold: what an item is called that can't be read, and who reads it.
Readers = Mapping[str, tuple[str, Read]]


def read_lists(change: Change, readers: Readers) -> Iterator[Arrival]:
    """All items of a field's lists. What else it holds is kept, and a field that holds none of them is kept whole."""
    found = [arrival for key in readers for arrival in _list(change, key, *readers[key])]
    rest = {key: piece for key, piece in change.value.items() if key not in _COMMON_KEYS and key not in readers}
    if rest:
        found.append(change.unfamiliar(f"{change.field}_other", rest))
    yield from found or [change.unfamiliar(change.field, change.value)]


def _list(change: Change, key: str, unreadable: str, read: Read) -> Iterator[Arrival]:
    given = change.value.get(key)
    if given is not None and not isinstance(given, list):
        yield change.unfamiliar(unreadable, {key: given})
    for item in items(given):
        yield read_one(change, item, unreadable, read)


def read_one(change: Change, item: Any, unreadable: str, read: Read) -> Arrival:
    try:
        if not isinstance(item, dict):
            raise Unreadable("it is not an object")
        return read(change, item)
    except Unreadable:
        of_nobody = change.account is None and isinstance(item, dict)
        return change.unfamiliar("no_account" if of_nobody else unreadable, item, ident(obj(item).get("id")))
    except Exception as error:  # a fault of ours: shown, and not at the others' cost
        log.error("whatsapp.unreadable", kind=unreadable, error=type(error).__name__)
        return change.unfamiliar(unreadable, item)
