"""`postback`: a button of a template, the menu, an ice breaker or Get Started was tapped. In `standby` without payload.

Payloads come to the app alone that wrote them, and only in bodies signed by Meta: no customer can make one up.
"""

from __future__ import annotations

from typing import Any

from connectors import reading
from connectors.messaging_event import Event, contact
from connectors.reading import ident
from conversation.arrivals import BUTTON, Inbound


def read(event: Event, postback: dict[str, Any]) -> Inbound:
    choice = ident(postback.get("payload"))
    return Inbound(
        account=event.account,
        addresses=contact(event),
        provider_id=ident(postback.get("mid")) or event.key("postback", postback),
        kind=BUTTON,
        sent_at=event.sent_at,
        text=reading.text(postback.get("title")),
        choice=choice,
        content=reading.besides(postback, "mid", "title"),
        standby=event.standby,
        ours=choice is not None and not event.standby,
    )
