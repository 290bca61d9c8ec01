"""`delivery` and `read`: how far a contact's phone, or the contact, has come. Messenger gives a time up to which all is
meant, and perhaps ids; Instagram tells nothing of deliveries, and of what was read the id of the last message."""

from __future__ import annotations

from typing import Any

from connectors import reading
from connectors.messaging_event import Event, contact
from connectors.reading import Unreadable, ident, items
from conversation.arrivals import SeenUpTo
from conversation.message import MessageStatus


def delivery(event: Event, receipt: dict[str, Any]) -> SeenUpTo:
    mids = receipt.get("mids")
    return _receipt(event, MessageStatus.DELIVERED, receipt, items(mids) or [mids])


def read(event: Event, receipt: dict[str, Any]) -> SeenUpTo:
    return _receipt(event, MessageStatus.READ, receipt, [receipt.get("mid")])


def _receipt(event: Event, status: MessageStatus, receipt: dict[str, Any], named: list[Any]) -> SeenUpTo:
    until = reading.time_of(receipt.get("watermark"))
    provider_ids = tuple(dict.fromkeys(provider_id for provider_id in map(ident, named) if provider_id))
    if until is None and not provider_ids:
        raise Unreadable("it does not say how far")
    if any(each and isinstance(each, (dict, list)) for each in named):
        raise Unreadable("it names something that is no message's id")
    return SeenUpTo(
        account=event.account,
        addresses=contact(event),
        status=status,
        at=event.at,
        until=min(until, event.now) if until else None,
        provider_ids=provider_ids,
    )
