"""Cards and other templates, in Messenger's and Instagram's requests. [MSG docs: templates; IG docs: templates]"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from connectors import meta_buttons, meta_media
from connectors.meta_buttons import Asked, NewToken
from connectors.meta_network import Limits
from connectors.reading import items, obj
from connectors.text import is_link, shorten
from runtime.channel import Rendered, Utterance
from store.buttons import Button

#: For buttons without a text: the same in every language.
POINTER = "👇"


@dataclass(frozen=True, kw_only=True)
class _Card:
    """One of those a customer swipes through."""

    body: dict[str, Any]
    buttons: Sequence[Button]

    @property
    def text(self) -> str:
        return "\n".join(self.body[key] for key in ("title", "subtitle") if key in self.body)


def templates(utterance: Utterance, limits: Limits, new_token: NewToken) -> list[Rendered]:
    """`elements`, and what an attachment of type `template` holds; a button template is the caller's."""
    rendered = _generic(utterance.elements, limits, new_token)
    for payload in payloads(utterance):
        kind = payload.get("template_type")
        if kind == "media":
            rendered += _media(payload, limits, new_token)
        elif kind in (None, "generic"):
            rendered += _generic(items(payload.get("elements")), limits, new_token)
        elif kind != "button":  # a receipt, a product: Meta's own shapes, as the trainer wrote them
            rendered.append(_template("template", None, payload, ()))
    return rendered


def payloads(utterance: Utterance) -> list[dict[str, Any]]:
    """Of each attachment that is a template."""
    found = [obj(attachment) for attachment in meta_media.attachments(utterance)]
    return [obj(each.get("payload")) for each in found if each.get("type") == "template" and obj(each.get("payload"))]


def button_template(text: str, asked: Sequence[Asked], limits: Limits, new_token: NewToken) -> Rendered:
    native, made = meta_buttons.of_template(asked, limits, new_token)
    return _template("buttons", text, {"template_type": "button", "text": text, "buttons": native}, made)


def _generic(elements: Sequence[Any], limits: Limits, new_token: NewToken) -> list[Rendered]:
    """Cards that follow each other go together; what makes no card, for Meta wants more than a title, goes alone."""
    parts = [part for element in elements for part in _parts(obj(element), limits, new_token)]
    rendered: list[Rendered] = []
    for are_cards, run in itertools.groupby(parts, key=lambda part: isinstance(part, _Card)):
        if not are_cards:
            rendered += [part for part in run if isinstance(part, Rendered)]
            continue
        cards = [part for part in run if isinstance(part, _Card)]
        rendered += [_cards(cards[at : at + limits.cards]) for at in range(0, len(cards), limits.cards)]
    return rendered


def _cards(cards: Sequence[_Card]) -> Rendered:
    elements = [card.body for card in cards]
    made = [button for card in cards for button in card.buttons]
    text = "\n\n".join(card.text for card in cards)
    return _template("cards", text, {"template_type": "generic", "elements": elements}, made)


def _parts(element: dict[str, Any], limits: Limits, new_token: NewToken) -> Iterator[_Card | Rendered]:
    title, subtitle = (" ".join(str(element.get(key) or "").split()) for key in ("title", "subtitle"))
    if not title:
        title, subtitle = subtitle, ""
    picture = element.get("image_url")
    asked = _asked(element, limits)
    if is_link(picture) and not (title or asked):
        yield meta_media.image(picture)
    elif title and not (subtitle or is_link(picture) or asked):
        text = shorten(title, limits.text, limits.size)
        yield Rendered(kind="text", text=text, body={"message": {"text": text}})
    elif title or asked:
        yield from _with_buttons(_face(element, title or POINTER, subtitle, limits), asked, limits, new_token)


def _asked(element: dict[str, Any], limits: Limits) -> list[Asked]:
    return [each for each in meta_buttons.read(items(element.get("buttons"))) if meta_buttons.fits(each, limits)]


def _face(element: dict[str, Any], title: str, subtitle: str, limits: Limits) -> dict[str, Any]:
    """A card without its buttons."""
    face: dict[str, Any] = {"title": shorten(title, limits.card_title)}
    if subtitle:
        face["subtitle"] = shorten(subtitle, limits.card_subtitle)
    if is_link(element.get("image_url")):
        face["image_url"] = element["image_url"]
    if is_link(obj(element.get("default_action")).get("url")):
        face["default_action"] = {**element["default_action"], "type": "web_url"}
    return face


def _with_buttons(face: dict[str, Any], asked: Sequence[Asked], limits: Limits, new_token: NewToken) -> Iterator[_Card]:
    """What a card has no room for is on another of the same title."""
    body = face
    for at in range(0, max(len(asked), 1), limits.buttons):
        native, made = meta_buttons.of_template(asked[at : at + limits.buttons], limits, new_token)
        yield _Card(body={**body, "buttons": native} if native else body, buttons=made)
        body = {"title": face["title"]}


def _media(payload: dict[str, Any], limits: Limits, new_token: NewToken) -> list[Rendered]:
    """One picture or film that Meta has already, with buttons below it."""
    element = next((obj(each) for each in items(payload.get("elements")) if obj(each)), None)
    if element is None or not (element.get("attachment_id") or is_link(element.get("url"))):
        return []
    asked = _asked(element, limits)[: limits.buttons]
    if not limits.media_template:
        return _in_two(element, asked, limits, new_token)
    native, made = meta_buttons.of_template(asked, limits, new_token)
    shown = {key: value for key, value in element.items() if key != "buttons"}
    whole = {**payload, "elements": [{**shown, "buttons": native} if native else shown]}
    return [_template("template", None, whole, made)]


def _in_two(element: dict[str, Any], asked: Sequence[Asked], limits: Limits, new_token: NewToken) -> list[Rendered]:
    """The picture or film, and what can be pressed below it. Its address is Facebook's page of it, which is a text."""
    file = element.get("attachment_id")
    kind = "video" if element.get("media_type") == "video" else "image"
    link = shorten(str(element.get("url")), limits.text, limits.size)
    shown, text = ([meta_media.uploaded(kind, file)], POINTER) if file else ([], link)
    if asked:
        return [*shown, button_template(shorten(text, limits.template_text), asked, limits, new_token)]
    return shown or [Rendered(kind="text", text=text, body={"message": {"text": text}})]


def _template(kind: str, text: str | None, payload: dict[str, Any], made: Sequence[Button]) -> Rendered:
    message = {"attachment": {"type": "template", "payload": payload}}
    return Rendered(kind=kind, text=text, body={"message": message}, buttons=tuple(made))
