"""WhatsApp's field `messages`: what contacts write to us, and what became of what we wrote to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors import graph_errors, reading, whatsapp_message
from connectors.reading import Unreadable, ident
from connectors.whatsapp_change import Change, read_lists
from conversation.arrivals import Arrival, StatusReport
from conversation.message import MessageStatus

#: A voice message that was played was certainly read.
_STATUSES = {
    "sent": MessageStatus.SENT,
    "delivered": MessageStatus.DELIVERED,
    "read": MessageStatus.READ,
    "played": MessageStatus.READ,
    "failed": MessageStatus.FAILED,
}


def read(change: Change) -> Iterator[Arrival]:
    readers = {
        "messages": ("unreadable_message", message),
        "statuses": ("unreadable_status", status),
        "errors": ("unreadable_errors", _account_error),
    }
    return read_lists(change, readers)


def message(change: Change, item: dict[str, Any]) -> Arrival:
    provider_id, kind = ident(item.get("id")), reading.text(item.get("type"))
    if item.get("group_id"):
        return change.unfamiliar("group_message", item, provider_id)
    if kind in whatsapp_message.CHANGES:
        named = ident(item.get("from_user_id")), ident(item.get("from"))
        addresses = whatsapp_message.contact_if_named(*named, change.value)
        return whatsapp_message.changed(change.account, item, addresses, change.now)
    if kind is not None and kind not in whatsapp_message.SAYS_SOMETHING:
        return change.unfamiliar(f"message_{kind}", item, provider_id)
    if provider_id is None or kind is None or change.account is None:
        raise Unreadable("a message needs an id, a type and the number it was sent to")
    return whatsapp_message.read(change.account, provider_id, kind, item, change.value, change.now)


def status(change: Change, item: dict[str, Any]) -> Arrival:
    provider_id, name = ident(item.get("id")), reading.text(item.get("status"))
    if provider_id is None or name is None or change.account is None:
        raise Unreadable("a status needs the id of a message, a name and the number that sent it")
    if name not in _STATUSES:
        return change.unfamiliar(f"status_{name}", item, f"{provider_id} {name}")
    code = whatsapp_message.error_code(item.get("errors"))
    return StatusReport(
        account=change.account,
        provider_id=provider_id,
        status=_STATUSES[name],
        at=min(reading.instant(item.get("timestamp"), change.now), change.now),
        opaque=reading.text(item.get("biz_opaque_callback_data")),
        error=whatsapp_message.error_text(item.get("errors")),
        error_code=code,
        course=None if code is None else graph_errors.rule_for(code).course,
    )


def _account_error(change: Change, error: dict[str, Any]) -> Arrival:
    return change.unfamiliar("errors", error)
