"""WhatsApp's field `standby`: what goes on in a thread that Meta lets another app write to.

Its echoes have a shape of their own: the other app's request, so that the contact is where that was sent to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from connectors import reading, whatsapp_groups, whatsapp_inbound, whatsapp_message, whatsapp_statuses
from connectors.reading import Unreadable, ident, obj
from connectors.whatsapp_change import Change, read_lists
from conversation.arrivals import Arrival, Echo, EchoSource, Inbound, StatusReport
from conversation.contact import Address

_COMMON = {"messaging_product", "recipient_type", "to", "recipient", "type", "biz_opaque_callback_data"}
_LISTS = {"messages", "message_echoes", "statuses"}
_READ_OF_ECHO = {"id", "timestamp", "message"}


def read(change: Change) -> Iterator[Arrival]:
    inner = change.value.get("standby")
    if not isinstance(inner, dict) and _LISTS & change.value.keys():
        inner = {}  # the lists stand beside it: what is told is the same
    if not isinstance(inner, dict):
        yield change.unfamiliar(change.field, change.value)
        return
    beside = {key: piece for key, piece in change.value.items() if key != "standby"}
    readers = {
        "messages": ("unreadable_message", _message),
        "message_echoes": ("unreadable_echo", _echo),
        "statuses": ("unreadable_status", _status),
    }
    yield from read_lists(replace(change, value={**beside, **inner}), readers)


def _message(change: Change, message: dict[str, Any]) -> Arrival:
    read_as = whatsapp_inbound.message(change, message)
    return replace(read_as, standby=True) if isinstance(read_as, Inbound) else read_as


def _status(change: Change, status: dict[str, Any]) -> Arrival:
    """Of another app's message: what that app sent along could look like a number of ours."""
    read_as = whatsapp_statuses.status(change, status)
    return replace(read_as, opaque=None) if isinstance(read_as, StatusReport) else read_as


def _echo(change: Change, echo: dict[str, Any]) -> Arrival:
    provider_id, request = ident(echo.get("id")), obj(echo.get("message"))
    kind = reading.text(request.get("type")) or ("text" if "text" in request else None)
    if provider_id is None or kind is None or change.account is None:
        raise Unreadable("an echo needs an id, a request with a type and the number it was sent from")
    sent_to = ident(request.get("to")) or ident(request.get("recipient")) or ""
    addresses, name = _recipient(change, request, sent_to)
    own, context = obj(request.get(kind)), obj(request.get("context"))
    beside = {key: piece for key, piece in echo.items() if key not in _READ_OF_ECHO}
    return Echo(
        account=change.account,
        addresses=addresses,
        provider_id=provider_id,
        source=EchoSource.APP,
        kind=kind,
        sent_at=reading.instant(echo.get("timestamp"), change.now),
        name=name,
        text=_words(own),
        reply_to=ident(own.get("message_id")) or ident(context.get("message_id")),
        content={**whatsapp_message.content({**request, "type": kind}, _COMMON), **beside},
        opaque=reading.text(request.get("biz_opaque_callback_data")),
        attachments=whatsapp_message.attachments({**request, "type": kind}),
    )


def _recipient(change: Change, request: dict[str, Any], sent_to: str) -> tuple[tuple[Address, ...], str | None]:
    if request.get("recipient_type") != "group":
        return whatsapp_message.contact(None, sent_to.lstrip("+"), change.value)
    if not sent_to:
        raise Unreadable("an echo in a group needs the group")
    return (whatsapp_groups.address(sent_to),), None


def _words(own: dict[str, Any]) -> str | None:
    """Of a text, a caption, an interactive message's body or a reaction; a template has none of its own."""
    body = own.get("body")
    words = body.get("text") if isinstance(body, dict) else body
    return reading.text(words) or reading.text(own.get("caption")) or reading.text(own.get("emoji"))
