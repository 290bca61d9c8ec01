"""WhatsApp's field `smb_message_echoes`: somebody wrote to a contact on the phone's own app, or a device linked to it.

What we send ourselves is never echoed here. Types are those of inbound messages.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors import reading, whatsapp_message
from connectors.reading import Unreadable, ident, obj
from connectors.whatsapp_change import Change, read_lists
from conversation.arrivals import BUTTON, Arrival, Echo, EchoSource

_COMMON = {"id", "type", "timestamp", "from", "to", "to_user_id", "to_parent_user_id"}


def read(change: Change) -> Iterator[Arrival]:
    return read_lists(change, {"message_echoes": ("unreadable_echo", _echo)})


def _echo(change: Change, echo: dict[str, Any]) -> Arrival:
    provider_id, kind = ident(echo.get("id")), reading.text(echo.get("type"))
    if echo.get("group_id"):
        return change.unfamiliar("group_echo", echo, provider_id)
    if kind is not None and kind not in whatsapp_message.SAYS_SOMETHING | whatsapp_message.CHANGES:
        return change.unfamiliar(f"echo_{kind}", echo, provider_id)
    if provider_id is None or kind is None or change.account is None:
        raise Unreadable("an echo needs an id, a type and the number it was sent from")
    named = ident(echo.get("to_user_id")), ident(echo.get("to"))
    if kind in whatsapp_message.CHANGES:
        of = whatsapp_message.contact_if_named(*named, change.value)
        return whatsapp_message.changed(change.account, echo, of, change.now)
    addresses, name = whatsapp_message.contact(*named, change.value)
    kind, text, _ = whatsapp_message.said(kind, echo)
    context, reaction = obj(echo.get("context")), obj(echo.get("reaction"))
    return Echo(
        account=change.account,
        addresses=addresses,
        provider_id=provider_id,
        source=EchoSource.PHONE,
        kind="interactive" if kind == BUTTON else kind,  # nobody on our side chooses a button of ours
        sent_at=reading.instant(echo.get("timestamp"), change.now),
        name=name,
        text=text,
        reply_to=ident(reaction.get("message_id")) or ident(context.get("id")),
        content=whatsapp_message.content(echo, _COMMON),
        attachments=whatsapp_message.attachments(echo),
    )
