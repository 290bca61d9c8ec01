"""What `message` of a send may hold on Messenger and Instagram, and how the phone shows it.

[MSG docs: Send API reference; IG docs: send messages]
"""

from __future__ import annotations

from dataclasses import dataclass

from emulator import messaging_rules as limits
from emulator.assets import Assets
from emulator.fields import Json
from emulator.graph_errors import GraphError
from emulator.messaging_checks import list_in, object_in, one_of, only, text_if_in, text_in, web_address_in
from emulator.messaging_rules import Rules
from emulator.messaging_templates import stored, template

_FILES = ("image", "video", "audio", "file")


@dataclass(frozen=True, kw_only=True)
class Checked:
    kind: str
    text: str
    view: Json
    metadata: str | None = None


def content(message: Json, rules: Rules, assets: Assets) -> Checked:
    """One of text, attachment and attachments, whole and within its limits."""
    known = {"text", "attachment", "attachments", "quick_replies"} | ({"metadata"} if rules.metadata else set())
    only(message, known | ({"template"} if rules.utility else set()), "message")
    given = [key for key in ("text", "attachment", "attachments", "template") if message.get(key) is not None]
    if len(given) != 1:
        raise GraphError(100, "message must have either text or an attachment, and only one of them.")
    metadata = text_if_in(message, "metadata", "message", limits.METADATA) or None
    replies = _quick_replies(message) if message.get("quick_replies") is not None else {}
    kind, text, view = _part(given[0], message, rules, assets)
    return Checked(kind=kind, text=text, view={**view, **replies}, metadata=metadata)


def _part(key: str, message: Json, rules: Rules, assets: Assets) -> tuple[str, str, Json]:
    if key == "text":
        return "text", text_in(message, "text", "message", rules.text, rules.size), {}
    if key == "attachment":
        return _attachment(object_in(message, "attachment", "message"), "message.attachment", rules, assets)
    if key == "template":
        return _utility(object_in(message, "template", "message"))
    return _several(message, rules, assets)


def _several(message: Json, rules: Rules, assets: Assets) -> tuple[str, str, Json]:
    """[IG docs: send messages] Several images at once."""
    if rules.images_at_once < 2:
        raise GraphError(100, "message.attachments is not known here: one attachment at a time.")
    views = []
    for n, one in enumerate(list_in(message, "attachments", "message", 1, rules.images_at_once)):
        where = f"message.attachments[{n}]"
        kind, _, view = _attachment(one, where, rules, assets)
        if kind != "image":
            raise GraphError(100, f"{where}.type must be image: only images may be several.")
        views += view["attachments"]
    return "image", "", {"attachments": views}


def _attachment(one: Json, where: str, rules: Rules, assets: Assets) -> tuple[str, str, Json]:
    only(one, {"type", "payload"}, where)
    kind = one_of(one, "type", where, rules.attachments)
    if kind == "like_heart":
        return "sticker", "❤️", {}
    payload = object_in(one, "payload", where)
    if kind == "template":
        return "template", *template(payload, rules, assets)
    if kind == "MEDIA_SHARE":
        text_in(payload, "id", f"{where}.payload", 100)
        return "share", "", {}
    only(payload, {"url", "attachment_id", "is_reusable"}, f"{where}.payload")
    return kind, "", {"attachments": [{"type": kind, "url": _file(payload, f"{where}.payload", assets)}]}


def _file(payload: Json, where: str, assets: Assets) -> str:
    if bool(payload.get("url")) == bool(payload.get("attachment_id")):
        raise GraphError(100, f"{where} needs either url or attachment_id.")
    if not isinstance(payload.get("is_reusable", False), bool):
        raise GraphError(100, f"{where}.is_reusable must be true or false.")
    return web_address_in(payload, "url", where) if payload.get("url") else stored(payload, where, assets)


def _utility(given: Json) -> tuple[str, str, Json]:
    """[MSG docs: utility messages] Approved before, by name; nobody here looks whether it was."""
    name = text_in(given, "name", "message.template", 512)
    text_in(object_in(given, "language", "message.template"), "code", "message.template.language", 20)
    return "template", name, {"template": "utility"}


def _quick_replies(message: Json) -> Json:
    shown = []
    for n, reply in enumerate(list_in(message, "quick_replies", "message", 1, limits.QUICK_REPLIES)):
        where = f"message.quick_replies[{n}]"
        kind = one_of(reply, "content_type", where, ("text", "user_phone_number", "user_email"))
        if kind != "text":
            shown.append({"id": kind, "title": kind.replace("_", " ")})
            continue
        title = text_in(reply, "title", where, limits.QUICK_REPLY_TITLE)
        shown.append({"id": text_in(reply, "payload", where, limits.QUICK_REPLY_PAYLOAD), "title": title})
    return {"quick_replies": shown, "choices": [reply["id"] for reply in shown]}


def reusable(message: Json) -> Json | None:
    """The file of a send that is to be kept for the next one."""
    attachment = message.get("attachment")
    payload = attachment.get("payload") if isinstance(attachment, dict) else None
    if not isinstance(attachment, dict) or not isinstance(payload, dict) or attachment.get("type") not in _FILES:
        return None
    return (
        {"type": attachment["type"], "url": payload["url"]}
        if payload.get("is_reusable") and payload.get("url")
        else None
    )
