"""WhatsApp's field `user_preferences`: a contact stops marketing messages in the app, or lets them come again.

`stop`, `resume` and `signup`, of the category `marketing_messages` [WA docs: user_preferences webhook reference]; what
says something else is only kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors import reading, whatsapp_message
from connectors.reading import Unreadable, ident
from connectors.whatsapp_change import Change, read_lists
from conversation.arrivals import Arrival, MarketingWish

_MARKETING = "marketing_messages"
_WANTED = {"stop": False, "resume": True, "signup": True}


def read(change: Change) -> Iterator[Arrival]:
    return read_lists(change, {"user_preferences": ("unreadable_wish", _wish)})


def _wish(change: Change, item: dict[str, Any]) -> Arrival:
    value = item.get("value")
    wanted = _WANTED.get(value) if isinstance(value, str) else None
    if wanted is None or item.get("category") != _MARKETING:
        return change.unfamiliar(change.field, item)
    if change.account is None:
        raise Unreadable("a wish needs the number it is told to")
    named = ident(item.get("user_id")), ident(item.get("wa_id"))
    addresses, _ = whatsapp_message.contact(*named, change.value)
    return MarketingWish(
        account=change.account,
        addresses=addresses,
        wanted=wanted,
        at=reading.instant(item.get("timestamp"), change.now),
        key=reading.digest(change.account, change.field, item),
    )
