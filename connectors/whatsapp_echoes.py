"""WhatsApp's field `smb_message_echoes`: somebody wrote to a contact on the phone's own app, or a device linked to it.

What we send ourselves is never echoed here. Types are those of inbound messages. The field `message_echoes` has the
same shape; Meta's pages do not say whether our own sends come under it, so there they may.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from connectors import reading, whatsapp_groups, whatsapp_message
from connectors.reading import Unreadable, ident, obj
from connectors.whatsapp_change import Change, read_lists
from conversation.arrivals import BUTTON, Arrival, Echo, EchoSource

_COMMON = {"id", "type", "timestamp", "from", "to", "to_user_id", "to_parent_user_id", "group_id"}


def read(change: Change) -> Iterator[Arrival]:
    return read_lists(change, {"message_echoes": ("unreadable_echo", echo)})


def read_any(change: Change) -> Iterator[Arrival]:
    """The field `message_echoes`. Meta's own assistant, where it says that it was that, is another app."""
    return read_lists(change, {"message_echoes": ("unreadable_echo", _of_any)})


def _of_any(change: Change, item: dict[str, Any]) -> Arrival:
    read_as = echo(change, item)
    if not isinstance(read_as, Echo):
        return read_as
    by_bot = str(item.get("message_creation_type")).endswith("_bot")
    return replace(read_as, may_be_ours=True, source=EchoSource.APP if by_bot else read_as.source)


def echo(change: Change, echo: dict[str, Any]) -> Arrival:
    provider_id, kind = ident(echo.get("id")), reading.text(echo.get("type"))
    if kind in whatsapp_message.SAYS_NOTHING:
        return change.unfamiliar(f"echo_{kind}", echo, provider_id)
    if provider_id is None or kind is None or change.account is None:
        raise Unreadable("an echo needs an id, a type and the number it was sent from")
    named = ident(echo.get("to_user_id")), ident(echo.get("to"))
    group_id = whatsapp_groups.of_message(echo)
    group = (whatsapp_groups.address(group_id),) if group_id else ()
    if kind in whatsapp_message.CHANGES:
        of = group or whatsapp_message.addresses_if_named(*named, change.value)
        return whatsapp_message.changed(change.account, echo, of, change.now)
    addresses, name = (group, None) if group else whatsapp_message.contact(*named, change.value, of_any_form=True)
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
        content=whatsapp_message.content_of_any(echo, _COMMON),
        attachments=whatsapp_message.attachments(echo),
    )
