"""Whether WhatsApp would take a body somebody wrote by hand: what it would refuse is found before it is queued.

[WA docs: messages; interactive messages; template messages; media messages]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from connectors.text import is_link
from connectors.whatsapp_limits import (
    BODY,
    BUTTON_ID,
    BUTTON_TITLE,
    BUTTONS,
    CAPTION,
    CARD_BODY,
    CARD_LINES,
    CARDS,
    EMOJI,
    FILENAME,
    FOOTER,
    HEADER,
    LABEL,
    LIST_BODY,
    LIST_BUTTON,
    PRODUCTS,
    ROW_DESCRIPTION,
    ROW_ID,
    ROW_TITLE,
    ROWS,
    SECTION_TITLE,
    SECTIONS,
    TEXT,
    URL,
)

_CAPTIONED = ("image", "video", "document")
_NAME = re.compile(r"[a-z0-9_]{1,512}\Z")
_ID = 100


class Unfit(Exception):
    """Why, in a few words of Meta's: no words of the message's."""


def why_not(kind: str, content: Any) -> str | None:
    """None: it fits."""
    check = _KINDS.get(kind)
    try:
        if check is None:
            raise Unfit(f"WhatsApp has no kind {kind[:40]!r}")
        check(content)
    except Unfit as unfit:
        return str(unfit)
    return None


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unfit(f"{name} is missing")
    return value


def _objects(value: Any, name: str, low: int, high: int) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise Unfit(f"{name} is no list")
    if not low <= len(value) <= high:
        raise Unfit(f"{name} has {len(value)} of at most {high}")
    return value


def _words(o: dict[str, Any], key: str, most: int, *, needed: bool = True) -> str:
    value = o.get(key)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or not value.strip():
        raise Unfit(f"{key} is missing")
    if len(value) > most:
        raise Unfit(f"{key} is longer than {most}")
    return value


def _distinct(values: Sequence[str], name: str) -> None:
    if len(set(values)) < len(values):
        raise Unfit(f"{name} are not distinct")


def _link(o: dict[str, Any], key: str) -> None:
    if not is_link(_words(o, key, URL)):
        raise Unfit(f"{key} is no web address")


def _medium(o: dict[str, Any]) -> None:
    if any(o.get(key) is not None and not o[key] for key in ("id", "link")):
        raise Unfit("id or link is empty")
    if bool(o.get("id")) == bool(o.get("link")):
        raise Unfit("either id or link is needed")
    if o.get("link"):
        _link(o, "link")
    else:
        _words(o, "id", _ID)


def _text(content: Any) -> None:
    _words(_object(content, "text"), "body", TEXT)


def _media(kind: str) -> Callable[[Any], None]:
    def check(content: Any) -> None:
        o = _object(content, kind)
        _medium(o)
        _words(o, "filename", FILENAME, needed=False)
        if kind not in _CAPTIONED and o.get("caption") is not None:
            raise Unfit(f"{kind} has no caption")
        _words(o, "caption", CAPTION, needed=False)
        if not isinstance(o.get("voice", False), bool):
            raise Unfit("voice is true or false")

    return check


def _location(content: Any) -> None:
    o = _object(content, "location")
    for key in ("latitude", "longitude"):
        try:
            float(o.get(key))  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise Unfit(f"{key} is no number") from None


def _contacts(content: Any) -> None:
    for card in _objects(content, "contacts", 1, 257):
        _words(_object(card.get("name"), "name"), "formatted_name", 512)


def _reaction(content: Any) -> None:
    o = _object(content, "reaction")
    _words(o, "message_id", 512)
    if not isinstance(o.get("emoji", ""), str) or len(o.get("emoji", "")) > EMOJI:
        raise Unfit("emoji is not one")


def _template(content: Any) -> None:
    o = _object(content, "template")
    if not _NAME.match(str(o.get("name"))):
        raise Unfit("the template's name is missing, or is none")
    _words(_object(o.get("language"), "language"), "code", 15)
    for part in _objects(o.get("components") or [], "components", 0, 14):
        _words(part, "type", 32)


def _interactive(content: Any) -> None:
    o = _object(content, "interactive")
    kind = _words(o, "type", 64)
    action_of = _ACTIONS.get(kind)
    if action_of is None:
        raise Unfit(f"WhatsApp has no interactive {kind[:40]!r}")
    if o.get("body") is not None or kind not in ("product", "call_permission_request"):
        _words(_object(o.get("body"), "body"), "text", LIST_BODY if kind == "list" else BODY)
    for part in ("header", "footer"):
        if o.get(part) is not None and kind in _BARE:
            raise Unfit(f"{kind} has no {part}")
    if o.get("footer") is not None:
        _words(_object(o["footer"], "footer"), "text", FOOTER)
    if o.get("header") is not None:
        _header(_object(o["header"], "header"), only_text=kind in ("list", "product_list"))
    elif kind == "product_list":
        raise Unfit("header is missing")
    action_of(_object(o.get("action"), "action"))


def _header(o: dict[str, Any], *, only_text: bool) -> None:
    kind = _words(o, "type", 16)
    if kind == "text":
        _words(o, "text", HEADER)
    elif only_text or kind not in _CAPTIONED:
        raise Unfit(f"header may not be {kind}")
    else:
        _medium(_object(o.get(kind), kind))


def _buttons(action: dict[str, Any], kind: str = "reply") -> list[str]:
    ids, titles = [], []
    for button in _objects(action.get("buttons"), "buttons", 1, BUTTONS):
        if button.get("type") != kind:
            raise Unfit(f"a button is no {kind}")
        reply = _object(button.get(kind), kind)
        ids.append(_words(reply, "id", BUTTON_ID))
        titles.append(_words(reply, "title", BUTTON_TITLE))
    _distinct(ids, "ids")
    _distinct(titles, "titles")
    return ids


def _list(action: dict[str, Any]) -> None:
    _words(action, "button", LIST_BUTTON)
    ids: list[str] = []
    sections = _objects(action.get("sections"), "sections", 1, SECTIONS)
    for section in sections:
        _words(section, "title", SECTION_TITLE, needed=len(sections) > 1)
        for row in _objects(section.get("rows"), "rows", 1, ROWS):
            ids.append(_words(row, "id", ROW_ID))
            _words(row, "title", ROW_TITLE)
            _words(row, "description", ROW_DESCRIPTION, needed=False)
    _distinct(ids, "ids")
    if len(ids) > ROWS:
        raise Unfit(f"rows has {len(ids)} of at most {ROWS}")


def _named(action: dict[str, Any], name: str) -> dict[str, Any]:
    if action.get("name") != name:
        raise Unfit(f"action is not {name}")
    return action


def _cta_url(action: dict[str, Any]) -> None:
    parameters = _object(_named(action, "cta_url").get("parameters"), "parameters")
    _words(parameters, "display_text", LABEL)
    _link(parameters, "url")


def _flow(action: dict[str, Any]) -> None:
    parameters = _object(_named(action, "flow").get("parameters"), "parameters")
    _words(parameters, "flow_message_version", 8)
    _words(parameters, "flow_cta", LABEL)
    if bool(parameters.get("flow_id")) == bool(parameters.get("flow_name")):
        raise Unfit("either flow_id or flow_name is needed")
    if parameters.get("mode", "published") not in ("draft", "published"):
        raise Unfit("mode is draft or published")
    if parameters.get("flow_action", "navigate") not in ("navigate", "data_exchange"):
        raise Unfit("flow_action is navigate or data_exchange")


def _carousel(action: dict[str, Any]) -> None:
    shapes, ids = set(), list[str]()
    for index, card in enumerate(_objects(action.get("cards"), "cards", *CARDS)):
        if card.get("card_index") != index:
            raise Unfit("card_index does not count from 0")
        inner = _object(card.get("action"), "action")
        if card.get("type") == "product":
            _product(inner)
            shapes.add(("product", str(inner["catalog_id"])))
            continue
        header = _object(card.get("header"), "header")
        kind = header.get("type")
        if kind not in ("image", "video"):
            raise Unfit("a card's header is an image or a video")
        _medium(_object(header.get(kind), kind))
        if card.get("body") is not None:
            text = _words(_object(card["body"], "body"), "text", CARD_BODY)
            if len(text.splitlines()) > CARD_LINES:
                raise Unfit(f"a card has {CARD_LINES} lines at most")
        if inner.get("buttons") is not None:
            made = _buttons(inner, "quick_reply")
            ids += made
            shapes.add((kind, str(len(made))))
            continue
        if card.get("type") != "cta_url":
            raise Unfit("a card's type is cta_url")
        _cta_url(inner)
        shapes.add((kind, "cta_url"))
    _distinct(ids, "ids")
    if len(shapes) > 1:
        raise Unfit("the cards are not all alike")


def _product(action: dict[str, Any]) -> None:
    _words(action, "catalog_id", 64)
    _words(action, "product_retailer_id", _ID)


def _product_list(action: dict[str, Any]) -> None:
    _words(action, "catalog_id", 64)
    sections, count = _objects(action.get("sections"), "sections", 1, SECTIONS), 0
    for section in sections:
        _words(section, "title", SECTION_TITLE, needed=len(sections) > 1)
        for item in _objects(section.get("product_items"), "product_items", 1, PRODUCTS):
            _words(item, "product_retailer_id", _ID)
            count += 1
    if count > PRODUCTS:
        raise Unfit(f"product_items has {count} of at most {PRODUCTS}")


def _address(action: dict[str, Any]) -> None:
    parameters = _object(_named(action, "address_message").get("parameters"), "parameters")
    if parameters.get("country") not in ("IN", "SG"):
        raise Unfit("addresses are asked for in India and Singapore only")


def _only(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda action: _named(action, name)


_BARE = frozenset({"carousel", "location_request_message", "request_contact_info", "call_permission_request"})
_ACTIONS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "button": _buttons,
    "list": _list,
    "cta_url": _cta_url,
    "flow": _flow,
    "carousel": _carousel,
    "product": _product,
    "product_list": _product_list,
    "address_message": _address,
    "catalog_message": _only("catalog_message"),
    "location_request_message": _only("send_location"),
    "request_contact_info": _only("request_contact_info"),
    "call_permission_request": _only("call_permission_request"),
}
_KINDS: dict[str, Callable[[Any], None]] = {
    "text": _text,
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "template": _template,
    "interactive": _interactive,
    **{kind: _media(kind) for kind in (*_CAPTIONED, "audio", "sticker")},
}
