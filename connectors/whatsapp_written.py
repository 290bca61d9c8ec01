"""What a trainer wrote for WhatsApp by hand: it goes as written where WhatsApp takes it; else its words do.

Never is something sent that is sure to be refused. What has no words either is not sent, and is shown as that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import structlog

from connectors.reading import items, obj
from connectors.text import is_link
from connectors.whatsapp_fits import why_not
from runtime.channel import Rendered, Utterance

log = structlog.get_logger()

Again = Callable[[Utterance], list[Rendered]]
#: All else is ours to say: to whom, that it is a message, under which id it comes back.
_THEIRS = ("type", "context")
_MEDIA = ("image", "video", "audio", "document", "sticker")


def as_written(given: Any, again: Again) -> list[Rendered]:
    """`custom: whatsapp:` holds one request's body, or several. `again`: how words are rendered."""
    bodies = given if isinstance(given, list) else [given]
    return [made for body in bodies if isinstance(body, dict) and body for made in _written(body, again)]


def _written(body: dict[str, Any], again: Again) -> list[Rendered]:
    kind = str(body.get("type") or "text")
    content = body.get(kind)
    if kind == "template" and isinstance(content, dict) and isinstance(content.get("language"), str):
        content = {**content, "language": {"code": content["language"]}}  # as everybody writes it at first
    why = why_not(kind, content)
    if why is None:
        return [_as_it_is(body, kind, content)]
    log.warning("whatsapp_body_does_not_fit", type=kind[:40], why=why)
    said = again(_plain(kind, content))
    return said or [Rendered(kind=kind[:40], text=None, body={}, unfit=why)]


def _as_it_is(body: dict[str, Any], kind: str, content: Any) -> Rendered:
    own: dict[str, Any] = {"messaging_product": "whatsapp", "type": kind, kind: _without_ours(content)}
    quoted = obj(body.get("context")).get("message_id")
    if isinstance(quoted, str) and quoted and kind != "reaction":
        own["context"] = {"message_id": quoted}
    return Rendered(kind=kind, text=_shown(kind, content), body=own, paid=kind == "template")


def _without_ours(content: Any) -> Any:
    """Which file of ours is sent, only an operator's request can say."""
    if isinstance(content, dict):
        return {name: _without_ours(value) for name, value in content.items() if name != "media"}
    return [_without_ours(each) for each in content] if isinstance(content, list) else content


def _shown(kind: str, content: Any) -> str | None:
    if kind == "contacts":
        return ", ".join(obj(card.get("name")).get("formatted_name", "") for card in content) or None
    inner = content.get("body")
    text = content.get("caption") or content.get("emoji") or (inner.get("text") if isinstance(inner, dict) else inner)
    return text if isinstance(text, str) else None


def _plain(kind: str, content: Any) -> Utterance:
    """Its words, its links, and what could be chosen, to be rendered as any other."""
    if isinstance(content, str):
        return Utterance(text=content)
    if kind == "contacts":
        return Utterance(text=_lines(map(_card, map(obj, items(content)))))
    part = obj(content)
    if kind == "interactive":
        return _interactive(part)
    if kind in _MEDIA:
        return _medium(kind, part)
    if kind in ("reaction", "template"):
        return Utterance()
    return Utterance(text=_lines(_text(part.get(key)) for key in ("name", "address", "text", "body", "caption")))


def _medium(kind: str, part: dict[str, Any]) -> Utterance:
    """The file goes by itself where it can be had at all."""
    link = part.get("link")
    attachment = {"type": kind, "payload": {"url": link}} if is_link(link) else None
    return Utterance(text=_lines([_text(part.get("caption"))]), attachment=attachment)


def _card(card: dict[str, Any]) -> str:
    name = obj(card.get("name"))
    phones = [_text(obj(each).get("phone")) for each in items(card.get("phones"))]
    return _lines([_text(name.get("formatted_name")) or _text(name.get("first_name")), *phones])


def _interactive(part: dict[str, Any]) -> Utterance:
    action = obj(part.get("action"))
    words = [_text(part.get(key)) for key in ("header", "body", "footer")]
    choices = list(_choices(action))
    parameters = obj(action.get("parameters"))
    links = [_link(parameters)] + [line for card in items(action.get("cards")) for line in _of_card(obj(card))]
    return Utterance(text=_lines([*words, *links]), buttons=choices)


def _choices(action: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A tap on what somebody wrote by hand comes back as its title; so does its number here."""
    rows = [obj(row) for section in items(action.get("sections")) for row in items(obj(section).get("rows"))]
    replies = [obj(obj(button).get("reply")) for button in items(action.get("buttons"))]
    for each in (*replies, *rows):
        title = _text(each.get("title"))
        if title and not title.lstrip().startswith("/"):
            yield {"title": title, "payload": title, "description": _text(each.get("description"))}


def _of_card(card: dict[str, Any]) -> Iterator[str]:
    yield _text(card.get("body"))
    yield _link(obj(obj(card.get("action")).get("parameters")))


def _link(parameters: dict[str, Any]) -> str:
    label, url = _text(parameters.get("display_text")), parameters.get("url")
    return f"{label}: {url}" if label and is_link(url) else url if is_link(url) else ""


def _text(value: Any) -> str:
    """A text, or the text of an object."""
    found = value.get("text") if isinstance(value, dict) else value
    return found if isinstance(found, str) else ""


def _lines(parts: Any) -> str:
    return "\n".join(part for part in parts if part and part.strip())
