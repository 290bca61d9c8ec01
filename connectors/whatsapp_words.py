"""Words for WhatsApp: as texts, and around what has less room for them."""

from __future__ import annotations

from typing import Any

from connectors.text import split
from connectors.whatsapp_limits import TEXT
from runtime.channel import Rendered

#: For what can be pressed without a text: the same in every language.
POINTER = "👇"


def body(kind: str, content: Any) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", "recipient_type": "individual", "type": kind, kind: content}


def texts(text: str) -> list[Rendered]:
    return [Rendered(kind="text", text=piece, body=body("text", {"body": piece})) for piece in split(text, TEXT)]


def before_and_body(text: str, limit: int) -> tuple[list[Rendered], str]:
    """What is too long for a body with buttons goes before it as text; the end stays with the buttons."""
    if not text.strip():
        return [], POINTER
    pieces = split(text, TEXT)
    last = pieces.pop()
    end = split(last, limit)[-1]
    head = last[: len(last) - len(end)].strip()
    return [message for piece in (*pieces, head) for message in texts(piece)], end.strip()
