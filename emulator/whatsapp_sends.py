"""What WhatsApp lets a business put into a message, and how the phone shows it: (text, what else to draw)."""

from __future__ import annotations

from collections.abc import Callable

from emulator import whatsapp_interactive, whatsapp_templates
from emulator.fields import Json
from emulator.graph_errors import GraphError, need_object, need_text, optional_text

# [WA docs: messages] Interactive messages and templates have files of their own.
TEXT_LIMIT = 4096
CAPTION = 1024
#: An image, a video and a document may have words with them; a voice note is an audio, and so says itself.
_WITH_CAPTION = ("image", "video", "document")
MEDIA_KINDS = ("image", "video", "audio", "document", "sticker")


def _text(o: Json) -> tuple[str, Json]:
    return need_text(o, "body", "text", TEXT_LIMIT, code=100), {}


def _reaction(o: Json) -> tuple[str, Json]:
    """An empty emoji takes the reaction back [WA docs: reaction messages]."""
    emoji = o.get("emoji", "")
    if not isinstance(emoji, str) or len(emoji) > 32:
        raise GraphError(131009, "reaction.emoji must be one emoji, or empty.")
    return emoji, {"message_id": need_text(o, "message_id", "reaction", 512)}


def _media(kind: str) -> Callable[[Json], tuple[str, Json]]:
    def check(o: Json) -> tuple[str, Json]:
        """By `id` or by `link`, not both [WA docs: media messages]."""
        if bool(o.get("id")) == bool(o.get("link")):
            raise GraphError(131009 if o.get("id") else 131008, f"{kind} needs either id or link.")
        link = optional_text(o, "link", kind, 2048)
        if link and not link.startswith(("https://", "http://")):
            raise GraphError(131009, f"{kind}.link must be a web address.")
        if not link:
            need_text(o, "id", kind, 512)
        if o.get("caption") is not None and kind not in _WITH_CAPTION:
            raise GraphError(131009, f"{kind} has no caption.")
        if not isinstance(o.get("voice", False), bool):
            raise GraphError(131009, f"{kind}.voice must be true or false.")
        return optional_text(o, "caption", kind, CAPTION), {
            "link": link,
            "filename": optional_text(o, "filename", kind, 240),
            **({"voice": True} if o.get("voice") else {}),
        }

    return check


def _location(o: Json) -> tuple[str, Json]:
    """[WA docs: location messages]"""
    for key in ("latitude", "longitude"):
        if o.get(key) in (None, ""):
            raise GraphError(131008, f"location.{key} is required.")
        if not isinstance(o[key], (int, float, str)) or not _is_number(o[key]):
            raise GraphError(131009, f"location.{key} must be a number.")
    return str(o.get("name") or o.get("address") or ""), {}


def _is_number(value: float | str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _contacts(o: Json) -> tuple[str, Json]:
    """[WA docs: contacts messages]"""
    names = [
        need_text(need_object(c, "name", "contacts"), "formatted_name", "contacts.name", 512) for c in o["contacts"]
    ]
    return ", ".join(names), {}


CHECKS: dict[str, Callable[[Json], tuple[str, Json]]] = {
    "text": _text,
    "interactive": whatsapp_interactive.check,
    "reaction": _reaction,
    "contacts": _contacts,
    "location": _location,
    "template": whatsapp_templates.check,
    **{kind: _media(kind) for kind in MEDIA_KINDS},
}
