"""What kind of message the dashboard takes one of ours for, and the parts of it that it looks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conversation.arrivals import BUTTON, COMMENT, REACTION, SIGNALS, TEXT
from conversation.message import Message
from store.media import File

UNKNOWN = "unknown"
_SAME = frozenset(
    {"text", "image", "video", "audio", "document", "sticker", "template", "interactive", "location", "contacts"}
    | {"reaction", "order"}
)
_TYPES = {
    **{kind: kind for kind in _SAME},
    **dict.fromkeys(SIGNALS, "system"),
    BUTTON: "interactive",
    COMMENT: "text",
    "buttons": "interactive",
    "list": "interactive",
    **dict.fromkeys(("cta_url", "flow", "carousel", "product", "product_list", "catalog_message"), "interactive"),
    **dict.fromkeys(
        ("location_request_message", "request_contact_info", "call_permission_request", "address_message"),
        "interactive",
    ),
    "voice": "audio",
    "fallback": "text",
}
#: What a story, or a post that was passed on, is shown as: what its file is.
_BY_FILE = frozenset({"story", "share"})
_REPLIES = ("button_reply", "list_reply")


def type_of(message: Message, files: Sequence[File]) -> str:
    """One that has been taken back is but its words."""
    if message.removed_at is not None:
        return TEXT
    if message.kind in _BY_FILE:
        kind = (files[0].type or "").partition("/")[0] if files else ""
        return kind if kind in ("image", "video", "audio") else TEXT if message.text else UNKNOWN
    return _TYPES.get(message.kind, UNKNOWN)


def words_of(message: Message) -> str | None:
    """What it says; of one without a text, what stands for it: older pages show nothing else of it."""
    given = message.content
    if message.kind == "template" and message.text and given.get("name"):
        return f"[{given['name']}] {message.text}"
    if message.text:
        return message.text
    if message.kind == "contacts":
        cards = [_part(each, "name") for each in _items(given.get("contacts"))]
        return ", ".join(str(name["formatted_name"]) for name in cards if name.get("formatted_name")) or None
    if message.kind == "location":
        return " · ".join(str(given[part]) for part in ("name", "address") if given.get(part)) or None
    if message.kind == "template":
        return _of_template(given, message.kind)
    return f"[{message.kind}]" if type_of(message, ()) in ("system", UNKNOWN) else None


def _of_template(given: Mapping[str, Any], kind: str) -> str:
    """Its name, and what was filled in: its own words are the channel's to know."""
    parts = [part for part in _parts(given.get("components")) if part.get("type") != "button"]
    filled = [one["text"] for part in parts for one in _parts(part.get("parameters")) if one.get("text")]
    return " ".join([f"[{given.get('name') or kind}]", " · ".join(map(str, filled))]).rstrip()


def content_of(message: Message) -> Any:
    """As the channel gave it, and beside it what the dashboard looks for under other names. Cards are a list."""
    if message.removed_at is not None:
        return {}
    if message.kind == "contacts":
        return _items(message.content.get("contacts"))
    given = dict(message.content)
    if message.kind == REACTION:
        return {**given, "emoji": message.text or "", "message_id": message.reply_to}
    if message.kind == BUTTON:
        return _chosen(given, message.text)
    if message.kind in ("buttons", "list"):
        return _to_choose(given, message)
    if message.kind == TEXT:
        return {**given, "text": message.text}
    return given


def _items(given: Any) -> list[Any]:
    return given if isinstance(given, list) else []


def _parts(given: Any) -> list[dict[str, Any]]:
    return [each for each in _items(given) if isinstance(each, dict)]


def _part(given: Any, name: str) -> dict[str, Any]:
    part = given.get(name) if isinstance(given, dict) else None
    return part if isinstance(part, dict) else {}


def _chosen(given: dict[str, Any], title: str | None) -> dict[str, Any]:
    """Messenger and Instagram have other names for it."""
    found = {name: given[name] for name in _REPLIES if isinstance(given.get(name), dict)}
    replies = found or {"button_reply": {"id": "", "title": title or ""}}
    return {**given, **replies, "interactive": replies}


def _to_choose(given: dict[str, Any], message: Message) -> dict[str, Any]:
    """What was sent to be chosen from."""
    titles = [{"type": "reply", "reply": {"id": str(place), "title": title}}
              for place, title in enumerate(given.get("buttons") or ())]  # fmt: skip
    kind = "list" if message.kind == "list" else "button"
    return {"type": kind, "body": {"text": message.text or ""}, "action": {"buttons": titles}}
