"""What is attached to a message on Messenger and Instagram: what people see it as, and which files it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors import reading
from connectors.messaging_event import Dialect
from connectors.reading import items, obj
from conversation.arrivals import Attachment

STORY, FALLBACK, UNSUPPORTED = "story", "fallback", "unsupported"
#: By Meta's types. [MSG docs: webhooks; IG docs: webhooks]
_KINDS = {
    **{kind: kind for kind in ("image", "video", "audio", "sticker", "location", "template", FALLBACK)},
    "file": "document",
    "like_heart": "sticker",
    "appointment_booking": "appointment",
    **dict.fromkeys(("story", "ig_story", "story_mention"), STORY),
    **dict.fromkeys(("share", "media", "media_share", "post", "ig_post", "reel", "ig_reel"), "share"),
}
_FILES = frozenset({"image", "video", "audio", "document", "sticker", STORY})


def kinds(message: dict[str, Any]) -> list[str]:
    return [_kind(obj(attachment)) for attachment in items(message.get("attachments"))]


def files(network: Dialect, message: dict[str, Any]) -> tuple[Attachment, ...]:
    """What can be fetched: of its attachments, and of the story that it answers."""
    attached = [(_kind(obj(each)), _url(obj(each))) for each in items(message.get("attachments"))]
    story = obj(obj(message.get("reply_to")).get("story"))
    fetched = _FILES | {"share"} if network.shares_are_files else _FILES
    return tuple(
        Attachment(kind=kind, url=url)
        for kind, url in [*attached, (STORY, reading.text(story.get("url")))]
        if kind in fetched and url is not None and url.startswith(("https://", "http://"))
    )


def shown(attachments: Sequence[Any]) -> list[Any]:
    """As they came; but the address of a story is to be used, and then forgotten. [IG docs: policy]"""
    return [_without_url(each) if _kind(obj(each)) == STORY else each for each in attachments]


def _kind(attachment: dict[str, Any]) -> str:
    named = (reading.text(attachment.get("type")) or "").lower()
    if named == "image" and obj(attachment.get("payload")).get("sticker_id"):
        return "sticker"  # its form before August 2026
    return _KINDS.get(named, UNSUPPORTED)


def _url(attachment: dict[str, Any]) -> str | None:
    return reading.text(obj(attachment.get("payload")).get("url")) or reading.text(attachment.get("url"))


def _without_url(attachment: dict[str, Any]) -> dict[str, Any]:
    rest = without(attachment, "url")
    return {**rest, "payload": without(obj(rest.get("payload")), "url")} if "payload" in rest else rest


def without(given: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: piece for key, piece in given.items() if key not in keys}
