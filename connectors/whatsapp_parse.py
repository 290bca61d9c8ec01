"""Reads WhatsApp's webhook bodies, event by event: a bad one is kept apart and never hurts the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Any

from connectors import (
    reading,
    whatsapp_book,
    whatsapp_echoes,
    whatsapp_handovers,
    whatsapp_history,
    whatsapp_inbound,
    whatsapp_news,
    whatsapp_standby,
    whatsapp_system,
    whatsapp_wishes,
)
from connectors.arrival_order import in_order
from connectors.reading import ident, items, obj
from connectors.whatsapp_change import Change
from conversation.arrivals import Arrival, Unfamiliar

_OBJECT = "whatsapp_business_account"
_ENTRY_KEYS = {"id", "time", "changes"}


def accounts_in(body: dict[str, Any]) -> set[str]:
    """The phone number ids in a body."""
    entries = [obj(entry) for entry in items(body.get("entry"))]
    changes = [obj(change) for entry in entries for change in items(entry.get("changes"))]
    found = (account_of(obj(change.get("value"))) for change in changes)
    return {account for account in found if account is not None}


def parse(body: dict[str, Any], now: datetime, known: Collection[str] | None = None) -> list[Arrival]:
    """All a body holds, each conversation's messages in the order Meta gave them their times."""
    entries = body.get("entry")
    if body.get("object") != _OBJECT or not isinstance(entries, list):
        kind = "unreadable_body" if body.get("object") == _OBJECT else "unknown_object"
        return [Unfamiliar(account=None, kind=kind, body=body, key=reading.digest(body))]
    if not entries:
        return [Unfamiliar(account=None, kind="empty_body", body=body, key=reading.digest(body))]
    return in_order([arrival for entry in entries for arrival in _entry(entry, now, known)], now)


def _entry(entry: Any, now: datetime, known: Collection[str] | None) -> Iterator[Arrival]:
    changes = obj(entry).get("changes")
    if not isinstance(changes, list):
        kind = "empty_entry" if isinstance(entry, dict) and "changes" not in entry else "unreadable_entry"
        yield Unfamiliar(account=None, kind=kind, body=reading.whole(entry), key=reading.digest(entry))
        return
    rest = {key: piece for key, piece in entry.items() if key not in _ENTRY_KEYS}
    if rest:
        yield Unfamiliar(account=None, kind="entry_other", body=rest, key=reading.digest(entry))
    for change in changes:
        value, field = obj(obj(change).get("value")), ident(obj(change).get("field"))
        context = Change(
            entry_id=ident(entry.get("id")),
            entry_time=entry.get("time"),
            field=field or "",
            value=value,
            account=account_of(value),
            now=now,
            signed_for=None if known is None else frozenset(known),
        )
        if value == obj(change).get("value") == {} and field is not None:
            yield context.unfamiliar("empty_change", change)
        elif not value or field is None:
            yield context.unfamiliar("unreadable_change", change)
        elif known is not None and context.account is not None and context.account not in known:
            yield context.unfamiliar("unknown_account", change)
        else:
            yield from _FIELDS.get(field, _kept_whole)(context)


def _kept_whole(change: Change) -> Iterator[Arrival]:
    yield change.unfamiliar(change.field, change.value)


_FIELDS: dict[str, Callable[[Change], Iterator[Arrival]]] = {
    "messages": whatsapp_inbound.read,
    "smb_message_echoes": whatsapp_echoes.read,
    "message_echoes": whatsapp_echoes.read_any,
    "standby": whatsapp_standby.read,
    "messaging_handovers": whatsapp_handovers.read,
    "history": whatsapp_history.read,
    "smb_app_state_sync": whatsapp_book.read,
    "user_id_update": whatsapp_system.read_updates,
    "user_preferences": whatsapp_wishes.read,
    **dict.fromkeys(whatsapp_news.FIELDS, whatsapp_news.read),
}


def account_of(value: dict[str, Any]) -> str | None:
    """The number a change is about. A hand-over event names it as its recipient, and has no metadata."""
    named = ident(obj(value.get("metadata")).get("phone_number_id"))
    return named or ident(obj(value.get("recipient")).get("phone_number_id"))
