"""`message`: what a contact writes on Messenger or Instagram, or takes back; and what our side wrote, as an echo."""

from __future__ import annotations

from typing import Any

from connectors import messaging_attachments, messaging_echoes, messaging_words
from connectors.messaging_event import Event, contact, contact_if_named
from connectors.reading import Unreadable, ident
from conversation.arrivals import Arrival, Inbound, Removed


def read(event: Event, message: dict[str, Any]) -> Arrival:
    provider_id = ident(message.get("mid"))
    if provider_id is None:
        raise Unreadable("a message needs an id")
    if message.get("is_deleted"):
        whose = contact_if_named(event)
        return Removed(account=event.account, addresses=whose, provider_id=provider_id, at=event.at)
    if event.is_echo:
        return messaging_echoes.read(event, message, provider_id)
    words = messaging_words.read(message)
    return Inbound(
        account=event.account,
        addresses=contact(event),
        provider_id=provider_id,
        kind=words.kind,
        sent_at=event.sent_at,
        text=words.text,
        choice=words.choice,
        reply_to=words.reply_to,
        content=words.content,
        standby=event.standby,
        attachments=messaging_attachments.files(event.network, message),
    )
