"""`reaction`: a contact puts a reaction on a message, or takes it away. It is no message, yet it opens the window."""

from __future__ import annotations

from typing import Any

from connectors import reading
from connectors.messaging_event import Event, contact
from connectors.reading import Unreadable, ident
from conversation.arrivals import REACTION, Inbound

_UNNAMED = "other"


def read(event: Event, reaction: dict[str, Any]) -> Inbound:
    target, action = ident(reaction.get("mid")), reading.text(reaction.get("action"))
    if target is None or action not in ("react", "unreact"):
        raise Unreadable("a reaction needs a message and what is done")
    taken_back = action == "unreact"
    named = reading.text(reaction.get("emoji")) or reading.text(reaction.get("reaction")) or _UNNAMED
    return Inbound(
        account=event.account,
        addresses=contact(event),
        provider_id=event.key("reaction", target, action),
        kind=REACTION,
        sent_at=event.sent_at,
        text=None if taken_back else named,
        reply_to=target,
        content=reading.besides(reaction, "mid", "emoji"),
        standby=event.standby,
        opens_window=not taken_back,
    )
