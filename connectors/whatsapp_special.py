"""What goes alone on WhatsApp: a location, contact cards, a template, a reaction, a sticker.

[WA docs: location, contacts, reaction, sticker and template messages]
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from connectors.whatsapp_fits import why_not
from connectors.whatsapp_templates import template
from conversation.arrivals import REACTION
from conversation.errors import BadInput
from conversation.outbound import Card, Contacts, Location, Reaction, Special, Sticker, Template
from conversation.said import say
from runtime.channel import Rendered

_STICKER_BYTES = 500 * 1000


def render(special: Special, quotes: str | None) -> Rendered:
    """`quotes`: Meta's id of the message that is reacted to, or answered."""
    if isinstance(special, Reaction):
        content: dict[str, Any] = {"message_id": quotes, "emoji": special.emoji}
        return Rendered(kind=REACTION, text=special.emoji or None, body=_body("reaction", content))
    return quoting(_rendered(special), quotes)


def quoting(rendered: Rendered, quotes: str | None) -> Rendered:
    """The message that is answered is shown with it."""
    return rendered if quotes is None else replace(rendered, body={**rendered.body, "context": {"message_id": quotes}})


def _rendered(special: Special) -> Rendered:
    if isinstance(special, Location):
        return _location(special)
    if isinstance(special, Contacts):
        cards = [_card(card) for card in special.cards]
        names = ", ".join(card.name for card in special.cards)
        return Rendered(kind="contacts", text=names, body=_body("contacts", cards), content={"contacts": cards})
    if isinstance(special, Template):
        made = template(special)
        why = why_not("template", made)
        return Rendered(kind="template", text=None, body=_body("template", made), content=made, paid=True, unfit=why)
    if isinstance(special, Sticker):
        return _sticker(special)
    raise AssertionError("a reaction is rendered with what it is for")


def _location(location: Location) -> Rendered:
    named = {key: value for key in ("name", "address") if (value := getattr(location, key))}
    content = {"latitude": location.latitude, "longitude": location.longitude, **named}
    return Rendered(
        kind="location", text=" · ".join(named.values()) or None, body=_body("location", content), content=content
    )


def _card(card: Card) -> dict[str, Any]:
    """Meta wants one part of the name beside the whole."""
    first, _, last = card.name.partition(" ")
    name = {"formatted_name": card.name, "first_name": first, **({"last_name": last} if last else {})}
    return {
        "name": name,
        **({"phones": [{"phone": each, "type": "CELL"} for each in card.phones]} if card.phones else {}),
        **({"emails": [{"email": each, "type": "WORK"} for each in card.emails]} if card.emails else {}),
        **({"org": {"company": card.organization}} if card.organization else {}),
    }


def _sticker(sticker: Sticker) -> Rendered:
    if sticker.link is not None:
        return Rendered(kind="sticker", text=None, body=_body("sticker", {"link": sticker.link}))
    if sticker.media is None:
        raise BadInput(say("On WhatsApp a sticker is a file."))
    if sticker.type != "image/webp" or sticker.size > _STICKER_BYTES:
        raise BadInput(say("A sticker is a WebP picture of at most {most} kB.", most=_STICKER_BYTES // 1000))
    return Rendered(kind="sticker", text=None, body=_body("sticker", {"media": sticker.media}))


def _body(kind: str, content: Any) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", "recipient_type": "individual", "type": kind, kind: content}
