"""What a message on Messenger or Instagram says, whoever wrote it: its kind, its words, and what people should see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from connectors import messaging_attachments, reading
from connectors.messaging_attachments import FALLBACK, STORY, UNSUPPORTED, without
from connectors.reading import ident, obj
from conversation.arrivals import BUTTON, TEXT


@dataclass(frozen=True, kw_only=True)
class Words:
    kind: str
    text: str | None
    choice: str | None
    reply_to: str | None
    content: dict[str, Any]


def read(message: dict[str, Any]) -> Words:
    text = reading.text(message.get("text"))
    choice = ident(obj(message.get("quick_reply")).get("payload"))
    return Words(
        kind=BUTTON if choice is not None else _kind(message, text),
        text=text,
        choice=choice,
        reply_to=ident(obj(message.get("reply_to")).get("mid")),
        content=_content(message),
    )


def _kind(message: dict[str, Any], text: str | None) -> str:
    """A link's preview makes a text no less a text; and an answer to a story is one too."""
    attached = messaging_attachments.kinds(message)
    telling = [kind for kind in attached if kind != FALLBACK]
    if telling:
        return telling[0]
    if text is not None:
        return TEXT
    if "story" in obj(message.get("reply_to")):
        return STORY
    return attached[0] if attached else UNSUPPORTED


def _content(message: dict[str, Any]) -> dict[str, Any]:
    """Every key that has no place of its own, so that nothing is lost."""
    rest = without(message, "mid", "is_echo", "reply_to", "attachments")
    if reading.text(message.get("text")) is not None:
        del rest["text"]
    if "app_id" in rest:
        rest["app_id"] = ident(rest["app_id"]) or rest["app_id"]
    if "attachments" in message:
        given = message["attachments"]
        rest["attachments"] = messaging_attachments.shown(given) if isinstance(given, list) else given
    answered = _answered(message)
    return {**rest, "reply_to": answered} if answered else rest


def _answered(message: dict[str, Any]) -> Any:
    """What is answered, without the message's id, which is `reply_to`, and without the address of a story."""
    given = message.get("reply_to")
    if not isinstance(given, dict):
        return given
    rest = without(given, "mid") if ident(given.get("mid")) else given
    return {**rest, "story": without(obj(rest["story"]), "url")} if isinstance(rest.get("story"), dict) else rest
