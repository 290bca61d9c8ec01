"""Reads WhatsApp's webhook bodies, event by event: a bad one is kept apart and never hurts the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from connectors import reading, whatsapp_message
from connectors.reading import ident, items, obj
from connectors.whatsapp_message import Unreadable
from conversation.arrivals import Arrival, Inbound, StatusReport, Unfamiliar
from conversation.contact import Address
from conversation.message import MessageStatus

log = structlog.get_logger(__name__)

_OBJECT = "whatsapp_business_account"
_ENTRY_KEYS = {"id", "time", "changes"}
_READ_KEYS = {"messaging_product", "metadata", "contacts", "messages", "statuses", "errors"}
#: A voice message that was played was certainly read.
_STATUSES = {
    "sent": MessageStatus.SENT,
    "delivered": MessageStatus.DELIVERED,
    "read": MessageStatus.READ,
    "played": MessageStatus.READ,
    "failed": MessageStatus.FAILED,
}


@dataclass(frozen=True, kw_only=True)
class _Change:
    """One change of one entry, and what its events have in common."""

    entry_id: str | None
    entry_time: Any
    field: str
    value: dict[str, Any]
    account: str | None
    now: datetime

    def unfamiliar(self, kind: str, piece: Any, key: str | None = None) -> Unfamiliar:
        """`piece`, known by its id, or else by all that makes it what it is."""
        known_by = key or reading.digest(self.entry_id, self.entry_time, self.field, piece)
        return Unfamiliar(account=self.account, kind=kind, body=reading.whole(piece), key=known_by)


def accounts_in(body: dict[str, Any]) -> set[str]:
    """The phone number ids in a body."""
    entries = [obj(entry) for entry in items(body.get("entry"))]
    changes = [obj(change) for entry in entries for change in items(entry.get("changes"))]
    found = (_account(obj(change.get("value"))) for change in changes)
    return {account for account in found if account is not None}


def parse(body: dict[str, Any], now: datetime, known: Collection[str] | None = None) -> list[Arrival]:
    """All a body holds, each conversation's messages in the order Meta gave them their times."""
    entries = body.get("entry")
    if body.get("object") != _OBJECT or not isinstance(entries, list):
        kind = "unreadable_body" if body.get("object") == _OBJECT else "unknown_object"
        return [Unfamiliar(account=None, kind=kind, body=body, key=reading.digest(body))]
    return _in_order([arrival for entry in entries for arrival in _entry(entry, now, known)], now)


def _entry(entry: Any, now: datetime, known: Collection[str] | None) -> Iterator[Arrival]:
    changes = obj(entry).get("changes")
    if not isinstance(changes, list):
        yield Unfamiliar(account=None, kind="unreadable_entry", body=reading.whole(entry), key=reading.digest(entry))
        return
    rest = {key: piece for key, piece in entry.items() if key not in _ENTRY_KEYS}
    if rest:
        yield Unfamiliar(account=None, kind="entry_other", body=rest, key=reading.digest(entry))
    for change in changes:
        value, field = obj(obj(change).get("value")), ident(obj(change).get("field"))
        context = _Change(
            entry_id=ident(entry.get("id")),
            entry_time=entry.get("time"),
            field=field or "",
            value=value,
            account=_account(value),
            now=now,
        )
        if not value or field is None:
            yield context.unfamiliar("unreadable_change", change)
        elif known is not None and context.account is not None and context.account not in known:
            yield context.unfamiliar("unknown_account", change)
        elif field != "messages":
            yield context.unfamiliar(field, value)
        else:
            yield from _messages_field(context)


def _messages_field(change: _Change) -> Iterator[Arrival]:
    value = change.value
    found = [
        *_each(change, "messages", "unreadable_message", _message),
        *_each(change, "statuses", "unreadable_status", _status),
        *_each(change, "errors", "unreadable_errors", _account_error),
    ]
    rest = {key: piece for key, piece in value.items() if key not in _READ_KEYS}
    if rest:
        found.append(change.unfamiliar("messages_other", rest))
    yield from found or [change.unfamiliar("messages", value)]


def _each(
    change: _Change, key: str, unreadable: str, read: Callable[[_Change, dict[str, Any]], Arrival]
) -> Iterator[Arrival]:
    """Reads each item of a list by itself."""
    given = change.value.get(key)
    if given is not None and not isinstance(given, list):
        yield change.unfamiliar(unreadable, {key: given})
    for item in items(given):
        try:
            if not isinstance(item, dict):
                raise Unreadable(f"{key} holds something that is not an object")
            yield read(change, item)
        except Unreadable:
            yield change.unfamiliar(unreadable, item, ident(obj(item).get("id")))
        except Exception as error:  # a fault of ours: shown, and not at the others' cost
            log.error("whatsapp.unreadable", kind=unreadable, error=type(error).__name__)
            yield change.unfamiliar(unreadable, item)


def _message(change: _Change, message: dict[str, Any]) -> Arrival:
    provider_id, kind = ident(message.get("id")), reading.text(message.get("type"))
    if message.get("group_id"):
        return change.unfamiliar("group_message", message, provider_id)
    if kind is not None and kind not in whatsapp_message.FROM_A_CONTACT:
        return change.unfamiliar(f"message_{kind}", message, provider_id)
    if provider_id is None or kind is None or change.account is None:
        raise Unreadable("a message needs an id, a type and the number it was sent to")
    return whatsapp_message.read(change.account, provider_id, kind, message, change.value, change.now)


def _status(change: _Change, status: dict[str, Any]) -> Arrival:
    provider_id, name = ident(status.get("id")), reading.text(status.get("status"))
    if provider_id is None or name is None or change.account is None:
        raise Unreadable("a status needs the id of a message, a name and the number that sent it")
    if name not in _STATUSES:
        return change.unfamiliar(f"status_{name}", status, f"{provider_id} {name}")
    return StatusReport(
        account=change.account,
        provider_id=provider_id,
        status=_STATUSES[name],
        at=min(reading.instant(status.get("timestamp"), change.now), change.now),
        opaque=reading.text(status.get("biz_opaque_callback_data")),
        error=whatsapp_message.error_text(status.get("errors")),
    )


def _account_error(change: _Change, error: dict[str, Any]) -> Arrival:
    return change.unfamiliar("errors", error)


def _account(value: dict[str, Any]) -> str | None:
    return ident(obj(value.get("metadata")).get("phone_number_id"))


def _in_order(arrivals: list[Arrival], now: datetime) -> list[Arrival]:
    """Sorts each conversation's messages among their places; then a time in the future becomes now."""
    places: dict[tuple[str, Address], list[int]] = defaultdict(list)
    for place, arrival in enumerate(arrivals):
        if isinstance(arrival, Inbound):
            places[arrival.account, arrival.addresses[0]].append(place)
    ordered = list(arrivals)
    for own in places.values():
        messages = [arrival for arrival in (arrivals[place] for place in own) if isinstance(arrival, Inbound)]
        for place, message in zip(own, sorted(messages, key=lambda m: m.sent_at), strict=True):
            ordered[place] = replace(message, sent_at=min(message.sent_at, now))
    return ordered
