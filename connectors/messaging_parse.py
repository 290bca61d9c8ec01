"""Reads Messenger's and Instagram's webhook bodies, event by event: a bad one is kept apart and never hurts the others.

An entry is of one account and may hold `messaging`, `standby` and `changes` together. Instagram's own sign-in tells a
change by the entry's `field` and `value`; the dashboard's test button sends messages as changes. [IG docs: webhooks]
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors import messaging_item, reading
from connectors.arrival_order import in_order
from connectors.messaging_event import Dialect, Event
from connectors.reading import ident, items, obj
from conversation.arrivals import Arrival, Unfamiliar

#: Who reads a field of `changes`; the others are kept whole.
Fields = Mapping[str, Callable[[Event, dict[str, Any]], Arrival]]
_ENTRY_KEYS = {"id", "time", "messaging", "standby", "changes"}


def accounts_in(body: dict[str, Any]) -> set[str]:
    """The Pages or Instagram accounts of a body."""
    found = (ident(obj(entry).get("id")) for entry in items(body.get("entry")))
    return {account for account in found if account is not None}


def parse(
    network: Dialect, fields: Fields, body: dict[str, Any], now: datetime, known: Collection[str] | None = None
) -> list[Arrival]:
    """All a body holds, each conversation's messages in the order Meta gave them their times."""
    entries = body.get("entry")
    if body.get("object") != network.object or not isinstance(entries, list):
        kind = "unreadable_body" if body.get("object") == network.object else "unknown_object"
        return [Unfamiliar(account=None, kind=kind, body=body, key=reading.digest(body))]
    return in_order([arrival for entry in entries for arrival in _entry(network, fields, entry, now, known)], now)


def _entry(
    network: Dialect, fields: Fields, given: Any, now: datetime, known: Collection[str] | None
) -> Iterator[Arrival]:
    account = ident(obj(given).get("id"))
    if account is None:
        yield Unfamiliar(account=None, kind="unreadable_entry", body=reading.whole(given), key=reading.digest(given))
    elif known is not None and account not in known:
        yield Unfamiliar(account=account, kind="unknown_account", body=given, key=reading.digest(given))
    else:
        entry = _Entry(network=network, fields=fields, account=account, given=given, now=now)
        yield from list(entry.read()) or [entry.unfamiliar("empty_entry", given)]


@dataclass(frozen=True, kw_only=True)
class _Entry:
    """One account's part of a body."""

    network: Dialect
    fields: Fields
    account: str
    given: dict[str, Any]
    now: datetime

    def read(self) -> Iterator[Arrival]:
        for name in ("messaging", "standby"):
            for item in self._list(name):
                yield from self._item(item, name)
        for change in self._list("changes"):
            yield from self._change(change)
        if isinstance(self.given.get("value"), dict):
            yield from self._change({key: self.given.get(key) for key in ("field", "value")})
        yield from self._rest()

    def unfamiliar(self, kind: str, piece: Any) -> Unfamiliar:
        known_by = reading.digest(self.account, self.given.get("time"), piece)
        return Unfamiliar(account=self.account, kind=kind, body=reading.whole(piece), key=known_by)

    def _list(self, name: str) -> list[Any]:
        return items(self.given.get(name))

    def _event(self, item: dict[str, Any], *, standby: bool) -> Event:
        return Event(
            network=self.network,
            account=self.account,
            entry_time=self.given.get("time"),
            standby=standby,
            item=item,
            now=self.now,
        )

    def _item(self, item: Any, name: str) -> Iterator[Arrival]:
        if isinstance(item, dict):
            yield from messaging_item.read(self._event(item, standby=name == "standby"))
        else:
            yield self.unfamiliar(f"unreadable_{name}", item)

    def _change(self, change: Any) -> Iterator[Arrival]:
        field, value = ident(obj(change).get("field")), obj(obj(change).get("value"))
        event = self._event(value, standby=field == "standby")
        if not value or field is None:
            yield self.unfamiliar("unreadable_change", change)
        elif field in self.fields:
            yield messaging_item.read_one(event, field, value, self.fields[field])
        elif messaging_item.is_one(value):
            yield from messaging_item.read(event)
        else:
            yield self.unfamiliar(field, value)

    def _rest(self) -> Iterator[Arrival]:
        """What an entry holds besides, and a list that is none."""
        read = {"field", "value"} if isinstance(self.given.get("value"), dict) else set()
        rest = {key: piece for key, piece in self.given.items() if key not in _ENTRY_KEYS | read}
        rest |= {name: self.given[name] for name in _ENTRY_KEYS - {"id", "time"} if self._is_no_list(name)}
        if rest:
            yield self.unfamiliar("entry_other", rest)

    def _is_no_list(self, name: str) -> bool:
        return self.given.get(name) is not None and not isinstance(self.given[name], list)
