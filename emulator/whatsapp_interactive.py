"""What an interactive message of WhatsApp's may hold, kind by kind, and how the phone shows it.

[WA docs: interactive reply buttons, lists, URL buttons, location requests, contact requests, Flows, media and product
carousels, single and multi product messages, catalog messages, address messages, call permission requests]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.fields import Json
from emulator.graph_errors import GraphError, need_list, need_object, need_text, optional_text, unique

BUTTONS, BUTTON_TITLE, BUTTON_ID, BODY = 3, 20, 256, 1024
LIST_BUTTON, LIST_BODY, SECTIONS, ROWS = 20, 4096, 10, 10
SECTION_TITLE, ROW_ID, ROW_TITLE, ROW_DESCRIPTION = 24, 200, 24, 72
HEADER, FOOTER, URL = 60, 60, 2000
CARDS, CARD_BODY, CARD_LINES = (2, 10), 160, 3
PRODUCTS = 30
_MEDIA_HEADERS = ("image", "video", "document")
_ACTION = "interactive.action"


def check(o: Json) -> tuple[str, Json]:
    kind = need_text(o, "type", "interactive", 64)
    known = KINDS.get(kind)
    if known is None:
        raise GraphError(131009, f"interactive.type {kind!r} is not known.")
    text = _body(o, LIST_BODY if kind == "list" else BODY, needed=kind not in _WITHOUT_BODY)
    view: Json = {"interactive": kind}
    for part in ("header", "footer"):
        if o.get(part) is not None and kind in _BARE:
            raise GraphError(131009, f"interactive.{part} is not allowed with {kind}.")
    if o.get("footer") is not None:
        view["footer"] = need_text(need_object(o, "footer", "interactive"), "text", "interactive.footer", FOOTER)
    if o.get("header") is not None:
        only_text = kind in ("list", "product_list")
        view["header"] = _header(need_object(o, "header", "interactive"), only_text=only_text)
    elif kind == "product_list":
        raise GraphError(131008, "interactive.header is required with product_list.")
    shown = known(need_object(o, "action", "interactive"))
    return "\n".join(part for part in (text, *_lines(shown)) if part), {**view, **shown}


def _lines(shown: Json) -> list[str]:
    """What the phone page draws as words, as it has no picture of it."""
    cards = [f"▫ {card.get('text') or '…'}" for card in shown.get("carousel", [])]
    products = [f"▫ {product}" for product in shown.get("products", [])]
    return [*cards, *products, *([f"[{shown['flow']}]"] if "flow" in shown else [])]


def _body(o: Json, limit: int, *, needed: bool) -> str:
    if not needed and o.get("body") is None:
        return ""
    return need_text(need_object(o, "body", "interactive"), "text", "interactive.body", limit)


def _header(header: Json, *, only_text: bool) -> str:
    kind = need_text(header, "type", "interactive.header", 16)
    if kind == "text":
        return need_text(header, "text", "interactive.header", HEADER)
    if only_text or kind not in _MEDIA_HEADERS:
        raise GraphError(131009, f"interactive.header.type {kind!r} is not allowed here.")
    _media(need_object(header, kind, "interactive.header"), f"interactive.header.{kind}")
    return f"[{kind}]"


def _media(o: Json, where: str) -> None:
    if bool(o.get("id")) == bool(o.get("link")):
        raise GraphError(131009 if o.get("id") else 131008, f"{where} needs either id or link.")
    if o.get("link"):
        _link(o, "link", where)


def _link(o: Json, key: str, where: str) -> str:
    link = need_text(o, key, where, URL)
    if not link.startswith(("https://", "http://")):
        raise GraphError(131009, f"{where}.{key} must be a web address.")
    return link


def _buttons(action: Json) -> Json:
    where = f"{_ACTION}.buttons"
    given = need_list(action, "buttons", _ACTION, 1, BUTTONS)
    buttons = [_reply(button, "reply", f"{where}[{n}]") for n, button in enumerate(given)]
    unique([b["id"] for b in buttons], f"{where} ids")
    unique([b["title"] for b in buttons], f"{where} titles")
    return {"buttons": buttons, "choices": [b["id"] for b in buttons]}


def _reply(button: Json, kind: str, where: str) -> Json:
    if button.get("type") != kind:
        raise GraphError(131009, f"{where}.type must be {kind}.")
    reply = need_object(button, kind, where)
    return {
        "id": need_text(reply, "id", f"{where}.{kind}", BUTTON_ID),
        "title": need_text(reply, "title", f"{where}.{kind}", BUTTON_TITLE),
    }


def _list(action: Json) -> Json:
    """With several sections each needs a title."""
    where = f"{_ACTION}.sections"
    sections: list[Json] = []
    given = need_list(action, "sections", _ACTION, 1, SECTIONS)
    for n, section in enumerate(given):
        title_of = need_text if len(given) > 1 else optional_text
        title = title_of(section, "title", f"{where}[{n}]", SECTION_TITLE)
        rows = [
            {
                "id": need_text(row, "id", f"{where}[{n}].rows[{r}]", ROW_ID),
                "title": need_text(row, "title", f"{where}[{n}].rows[{r}]", ROW_TITLE),
                "description": optional_text(row, "description", f"{where}[{n}].rows[{r}]", ROW_DESCRIPTION),
            }
            for r, row in enumerate(need_list(section, "rows", f"{where}[{n}]", 1, ROWS))
        ]
        sections.append({"title": title, "rows": rows})
    ids = [row["id"] for section in sections for row in section["rows"]]
    if len(ids) > ROWS:
        raise GraphError(131009, f"{where} may have {ROWS} rows in all, not {len(ids)}.")
    unique(ids, f"{where} row ids")
    button = need_text(action, "button", _ACTION, LIST_BUTTON)
    return {"list": {"button": button, "sections": sections}, "choices": ids}


def _named(action: Json, name: str) -> None:
    if action.get("name") != name:
        raise GraphError(131009, f"{_ACTION}.name must be {name}.")


def _only_name(name: str) -> Callable[[Json], Json]:
    def known(action: Json) -> Json:
        _named(action, name)
        return {}

    return known


def _cta_url(action: Json) -> Json:
    _named(action, "cta_url")
    parameters = need_object(action, "parameters", _ACTION)
    need_text(parameters, "display_text", f"{_ACTION}.parameters", BUTTON_TITLE)
    return {"link": _link(parameters, "url", f"{_ACTION}.parameters")}


def _flow(action: Json) -> Json:
    _named(action, "flow")
    where = f"{_ACTION}.parameters"
    parameters = need_object(action, "parameters", _ACTION)
    need_text(parameters, "flow_message_version", where, 8)
    if bool(parameters.get("flow_id")) == bool(parameters.get("flow_name")):
        raise GraphError(131009, f"{where} needs either flow_id or flow_name.")
    need_text(parameters, "flow_cta", where, BUTTON_TITLE)
    if parameters.get("mode", "published") not in ("draft", "published"):
        raise GraphError(131009, f"{where}.mode must be draft or published.")
    if parameters.get("flow_action", "navigate") not in ("navigate", "data_exchange"):
        raise GraphError(131009, f"{where}.flow_action must be navigate or data_exchange.")
    return {"flow": str(parameters["flow_cta"])}


def _carousel(action: Json) -> Json:
    """All cards alike: one kind of header, one kind and number of buttons."""
    where = f"{_ACTION}.cards"
    shapes: set[Any] = set()
    cards, choices = [], []
    given = need_list(action, "cards", _ACTION, *CARDS)
    for n, card in enumerate(given):
        if card.get("card_index") != n:
            raise GraphError(131009, f"{where}[{n}].card_index must be {n}.")
        shown, shape = (_product_card if card.get("type") == "product" else _media_card)(card, f"{where}[{n}]")
        shapes.add(shape)
        cards.append(shown)
        choices += [button["id"] for button in shown.get("buttons", [])]
    if len(shapes) > 1:
        raise GraphError(131009, f"{where} must all have the same header and the same buttons.")
    unique(choices, f"{where} button ids")
    return {"carousel": cards, "choices": choices}


def _product_card(card: Json, where: str) -> tuple[Json, Any]:
    product = _product(need_object(card, "action", where))
    return product, ("product", need_object(card, "action", where)["catalog_id"])


def _media_card(card: Json, where: str) -> tuple[Json, Any]:
    header = need_object(card, "header", where)
    kind = need_text(header, "type", f"{where}.header", 16)
    if kind not in ("image", "video"):
        raise GraphError(131009, f"{where}.header.type must be image or video.")
    _media(need_object(header, kind, f"{where}.header"), f"{where}.header.{kind}")
    text = ""
    if card.get("body") is not None:
        text = need_text(need_object(card, "body", where), "text", f"{where}.body", CARD_BODY)
        if len(text.splitlines()) > CARD_LINES:
            raise GraphError(131009, f"{where}.body.text may have {CARD_LINES - 1} line breaks.")
    action = need_object(card, "action", where)
    if action.get("buttons") is not None:
        given = need_list(action, "buttons", f"{where}.action", 1, BUTTONS)
        buttons = [_reply(each, "quick_reply", f"{where}.action.buttons[{n}]") for n, each in enumerate(given)]
        return {"text": text, "buttons": buttons}, (kind, len(buttons))
    if card.get("type") != "cta_url":
        raise GraphError(131009, f"{where}.type must be cta_url.")
    return {"text": text, **_cta_url(action)}, (kind, "cta_url")


def _product(action: Json) -> Json:
    need_text(action, "catalog_id", _ACTION, 64)
    return {"products": [need_text(action, "product_retailer_id", _ACTION, 100)]}


def _product_list(action: Json) -> Json:
    need_text(action, "catalog_id", _ACTION, 64)
    where, products = f"{_ACTION}.sections", []
    sections = need_list(action, "sections", _ACTION, 1, SECTIONS)
    for n, section in enumerate(sections):
        (need_text if len(sections) > 1 else optional_text)(section, "title", f"{where}[{n}]", SECTION_TITLE)
        items = need_list(section, "product_items", f"{where}[{n}]", 1, PRODUCTS)
        products += [need_text(each, "product_retailer_id", f"{where}[{n}]", 100) for each in items]
    if len(products) > PRODUCTS:
        raise GraphError(131009, f"{where} may have {PRODUCTS} products in all, not {len(products)}.")
    return {"products": products}


def _address(action: Json) -> Json:
    """Only where WhatsApp offers it: India and Singapore."""
    _named(action, "address_message")
    country = need_text(need_object(action, "parameters", _ACTION), "country", f"{_ACTION}.parameters", 2)
    if country not in ("IN", "SG"):
        raise GraphError(131009, f"{_ACTION}.parameters.country must be IN or SG.")
    return {}


#: May come without words of their own.
_WITHOUT_BODY = frozenset({"product", "call_permission_request"})
#: May have nothing above and below.
_BARE = frozenset({"carousel", "location_request_message", "request_contact_info", "call_permission_request"})
KINDS: dict[str, Callable[[Json], Json]] = {
    "button": _buttons,
    "list": _list,
    "cta_url": _cta_url,
    "flow": _flow,
    "location_request_message": _only_name("send_location"),
    "request_contact_info": _only_name("request_contact_info"),
    "call_permission_request": _only_name("call_permission_request"),
    "carousel": _carousel,
    "product": _product,
    "product_list": _product_list,
    "catalog_message": _only_name("catalog_message"),
    "address_message": _address,
}
