"""Comments under an account's posts and live videos, on Instagram. [IG docs: webhooks; IG docs: self messaging]

Everybody sees them; one may be answered in private, once, and does not open the window. Other changes, mentions in
other people's posts among them, name nobody that could be written to: they are kept.
"""

from __future__ import annotations

import functools
from typing import Any

from connectors import reading
from connectors.messaging_attachments import without
from connectors.messaging_event import Event
from connectors.reading import Unreadable, ident, obj
from conversation.arrivals import COMMENT, Arrival, Inbound
from conversation.contact import Address


def read(event: Event, value: dict[str, Any], *, live: bool) -> Arrival:
    provider_id, author = ident(value.get("id")), obj(value.get("from"))
    author_id = ident(author.get("id"))
    if author_id == event.account or ident(author.get("self_ig_scoped_id")) is not None:
        return event.unfamiliar("own_comment", value)
    if provider_id is None or author_id is None:
        raise Unreadable("a comment needs an id and somebody who wrote it")
    return Inbound(
        account=event.account,
        addresses=(Address(kind=event.network.person, value=author_id),),
        provider_id=provider_id,
        kind=COMMENT,
        sent_at=event.sent_at,
        name=reading.text(author.get("username")),
        text=reading.text(value.get("text")),
        content={**reading.besides(without(value, "from"), "id", "text"), "live": live},
        opens_window=False,
    )


FIELDS = {"comments": functools.partial(read, live=False), "live_comments": functools.partial(read, live=True)}
