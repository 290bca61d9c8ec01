"""What our side wrote to a contact: we ourselves, a person in the channel's own inbox or app, or another app.

Messenger names the app that sent it, unless a person wrote it; Instagram names none that could be relied on, so that
only its id tells our own. In `standby` it is another app's. [MSG docs: message echoes; IG docs: webhooks]
"""

from __future__ import annotations

from typing import Any

from connectors import messaging_attachments, messaging_words, reading
from connectors.messaging_event import Event, contact
from connectors.meta_inboxes import INBOXES
from connectors.reading import ident
from conversation.arrivals import BUTTON, TEXT, Echo, EchoSource


def read(event: Event, message: dict[str, Any], provider_id: str) -> Echo:
    words = messaging_words.read(message)
    opaque = reading.text(message.get("metadata"))
    return Echo(
        account=event.account,
        addresses=contact(event),
        provider_id=provider_id,
        source=EchoSource.APP if event.standby else EchoSource.PHONE,
        kind=TEXT if words.kind == BUTTON else words.kind,  # nobody on our side chooses a button of ours
        sent_at=event.sent_at,
        text=words.text,
        reply_to=words.reply_to,
        content={key: piece for key, piece in words.content.items() if key != "metadata" or opaque is None},
        opaque=opaque,
        attachments=messaging_attachments.files(event.network, message),
        may_be_ours=not (event.network.echoes_name_the_app and ident(message.get("app_id")) in INBOXES),
    )
