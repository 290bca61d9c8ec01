"""`custom: {type: …}` of a trainer's, the same on every channel: a location, a file, a form, a carousel …"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import structlog

from conversation import template
from conversation.errors import BadInput
from conversation.interactive import (
    CallPermission,
    Carousel,
    Catalog,
    ContactRequest,
    Flow,
    LinkButton,
    LocationRequest,
    Product,
    ProductList,
)
from conversation.learnt import reader
from conversation.outbound import Contacts, Location, Reaction, Special, Sticker, Template
from conversation.said import say
from conversation.template import Header
from runtime.channel import Utterance

log = structlog.get_logger()

KINDS: Mapping[str, Any] = {
    "location": Location,
    "contacts": Contacts,
    "template": Template,
    "reaction": Reaction,
    "sticker": Sticker,
    "cta_url": LinkButton,
    "location_request": LocationRequest,
    "contact_request": ContactRequest,
    "call_permission": CallPermission,
    "flow": Flow,
    "product": Product,
    "product_list": ProductList,
    "catalog": Catalog,
    "carousel": Carousel,
}
_READERS = {name: reader(kind, strict=False) for name, kind in KINDS.items()}
FILES = ("image", "video", "audio", "voice", "document")
#: Which file of ours is sent, and what it weighs, only an operator's request can say.
_OURS = ("media", "size")
#: What may stand beside it, of the words it comes with or of single channels.
_BESIDE = ("whatsapp", "messenger", "instagram", "list_button", "as_list", "button_template", "quote")


def parts_of(utterance: Utterance) -> list[Utterance] | None:
    """The utterance without it, and it by itself; None where there is nothing of the sort."""
    kind = utterance.custom.get("type")
    if not isinstance(kind, str) or (kind not in KINDS and kind not in FILES):
        return None
    beside = {name: utterance.custom[name] for name in _BESIDE if name in utterance.custom}
    given = {name: value for name, value in utterance.custom.items() if name not in ("type", *_BESIDE, *_OURS)}
    alone = _file(kind, given) if kind in FILES else _special(kind, given)
    plain = replace(utterance, custom=beside)
    if kind == "reaction":
        return [replace(plain, quotes=None), replace(alone, quotes=utterance.quotes)]
    return [plain, alone]


def _special(kind: str, given: Mapping[str, Any]) -> Utterance:
    try:
        special: Special = _READERS[kind](given)
        if isinstance(special, Template):
            template.check(special)
            if isinstance(special.header, Header) and special.header.media is not None:
                raise BadInput(say("A template's header needs a link or a file, or, for a place, where it is."))
    except (msgspec.ValidationError, BadInput) as error:
        log.warning("custom_does_not_fit", type=kind, why=str(error)[:200])
        words = given.get("text")
        return Utterance(text=words if isinstance(words, str) else None)
    return Utterance(special=special)


def _file(kind: str, given: Mapping[str, Any]) -> Utterance:
    caption = given.get("caption")
    return Utterance(
        text=caption if isinstance(caption, str) else None,
        attachment={"type": kind, "payload": {name: value for name, value in given.items() if name != "caption"}},
    )
