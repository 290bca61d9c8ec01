"""WhatsApp's field `messages`: what contacts write to us, and what became of what we wrote to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors import reading, whatsapp_groups, whatsapp_message, whatsapp_statuses, whatsapp_system
from connectors.reading import Unreadable, ident
from connectors.whatsapp_change import Change, read_lists
from conversation.arrivals import Arrival


def read(change: Change) -> Iterator[Arrival]:
    readers = {
        "messages": ("unreadable_message", message),
        "statuses": ("unreadable_status", whatsapp_statuses.status),
        "errors": ("unreadable_errors", _account_error),
    }
    return read_lists(change, readers)


def message(change: Change, item: dict[str, Any]) -> Arrival:
    provider_id, kind = ident(item.get("id")), reading.text(item.get("type"))
    if kind in whatsapp_message.CHANGES:
        named = ident(item.get("from_user_id")), ident(item.get("from"))
        group_id = whatsapp_groups.of_message(item)
        addresses = whatsapp_message.addresses_if_named(*named, change.value)
        whose = (whatsapp_groups.address(group_id),) if group_id else addresses
        return whatsapp_message.changed(change.account, item, whose, change.now)
    if kind == "system":
        return whatsapp_system.message(change, provider_id, item)
    if kind in whatsapp_message.SAYS_NOTHING:
        return change.unfamiliar(f"message_{kind}", item, provider_id)
    if provider_id is None or change.account is None:
        raise Unreadable("a message needs an id and the number it was sent to")
    kind = kind or whatsapp_message.type_of(item)
    return whatsapp_message.read(change.account, provider_id, kind, {**item, "type": kind}, change.value, change.now)


def _account_error(change: Change, error: dict[str, Any]) -> Arrival:
    return change.unfamiliar("errors", error)
