"""`message_edit`: a message was written anew, five times at most."""

from __future__ import annotations

from typing import Any

from connectors.messaging_event import Event, contact_if_named
from connectors.reading import Unreadable, ident
from conversation.arrivals import Arrival, Edited

_HIGHEST = 2**31 - 1


def read(event: Event, edit: dict[str, Any]) -> Arrival:
    provider_id, text = ident(edit.get("mid")), edit.get("text")
    if provider_id is None:
        raise Unreadable("an edit needs the id of a message")
    if not isinstance(text, str):
        return event.unfamiliar("message_edit", event.item)  # it does not say what the message is now
    return Edited(
        account=event.account,
        addresses=contact_if_named(event),
        provider_id=provider_id,
        text=text,
        at=event.at,
        number=_number(edit.get("num_edit")),
    )


def _number(given: Any) -> int:
    """Some write it as text."""
    told = ident(given) or ""
    return min(max(int(told), 1), _HIGHEST) if told.isascii() and told.isdigit() and len(told) < 20 else 1
