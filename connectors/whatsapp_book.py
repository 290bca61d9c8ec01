"""WhatsApp's field `smb_app_state_sync`: the address book of the phone's own app [WA docs: smb_app_state_sync].

It holds people who never wrote to the business; nothing of those is kept, neither here nor with the webhook: of what
can't be read only its outline is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from connectors import reading, whatsapp_message
from connectors.reading import Unreadable, ident, obj
from connectors.whatsapp_change import Change, read_lists
from conversation.arrivals import Arrival, Known, Unfamiliar

#: Of an outline.
_MOST, _NAME = 20, 40


def read(change: Change) -> Iterator[Arrival]:
    for found in read_lists(change, {"state_sync": ("unreadable_state_sync", _entry)}):
        yield replace(found, body=_outline(found.body)) if isinstance(found, Unfamiliar) else found


def _outline(value: Any) -> Any:
    """What there is, and of what kind, without a word of anybody's."""
    if isinstance(value, dict):
        return {name[:_NAME]: _outline(each) for name, each in list(value.items())[:_MOST] if not name.isdigit()}
    if isinstance(value, list):
        return [_outline(each) for each in value[:_MOST]]
    return type(value).__name__


def _entry(change: Change, entry: dict[str, Any]) -> Arrival:
    card = obj(entry.get("contact"))
    addresses = whatsapp_message.addresses_if_named(ident(card.get("user_id")), ident(card.get("phone_number")))
    if entry.get("type") != "contact" or not addresses or change.account is None:
        raise Unreadable("an entry of the address book needs a number")
    name = reading.text(card.get("full_name")) or reading.text(card.get("first_name"))
    return Known(
        account=change.account,
        addresses=addresses,
        name=None if entry.get("action") == "remove" else name,
        at=reading.instant(obj(entry.get("metadata")).get("timestamp"), change.now),
        key=reading.digest(change.account, entry),
    )
