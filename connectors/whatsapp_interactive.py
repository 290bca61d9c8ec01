"""WhatsApp's interactive messages beside buttons and lists, within Meta's limits; what does not fit is said in words.

[WA docs: URL buttons, location and contact requests, Flows, products, catalogs, media carousels, call permissions]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from connectors.plainly import as_plain
from connectors.text import shorten, unique
from connectors.whatsapp_limits import (
    BODY,
    BUTTON_TITLE,
    CARD_BODY,
    CARD_LINES,
    CARDS,
    FOOTER,
    HEADER,
    LABEL,
    PRODUCTS,
    SECTION_TITLE,
    SECTIONS,
)
from connectors.whatsapp_words import before_and_body, body
from conversation.interactive import (
    CallPermission,
    Card,
    Carousel,
    Catalog,
    ContactRequest,
    Flow,
    Interactive,
    LinkButton,
    LocationRequest,
    Product,
    ProductList,
)
from runtime.channel import Rendered, Utterance
from store.buttons import Button

NewToken = Callable[[], str]
#: Meta's version of what a message says of a flow.
_FLOW_VERSION = "3"


def render(given: Interactive, new_token: NewToken) -> list[Rendered] | Utterance:
    """An utterance where it has to be said plainly."""
    if isinstance(given, LinkButton):
        parameters = {"display_text": shorten(given.label, LABEL), "url": given.url}
        return _made("cta_url", given, {"name": "cta_url", "parameters": parameters}, label=given.label)
    if isinstance(given, LocationRequest):
        return _made("location_request_message", given, {"name": "send_location"})
    if isinstance(given, ContactRequest):
        return _made("request_contact_info", given, {"name": "request_contact_info"})
    if isinstance(given, CallPermission):
        return _made("call_permission_request", given, {"name": "call_permission_request"})
    if isinstance(given, Flow):
        return as_plain(given) if (given.id is None) == (given.name is None) else _flow(given)
    if isinstance(given, Product):
        return _made("product", given, {"catalog_id": given.catalog, "product_retailer_id": given.product})
    if isinstance(given, ProductList):
        return [made for part in _lists(given) for made in _product_list(given, part)]
    if isinstance(given, Catalog):
        shown = {"parameters": {"thumbnail_product_retailer_id": given.product}} if given.product else {}
        return _made("catalog_message", given, {"name": "catalog_message", **shown})
    return _carousel(given, new_token) if _fits(given) else as_plain(given)


def _made(kind: str, given: Any, action: dict[str, Any], *, label: str = "", header: str = "") -> list[Rendered]:
    """A header or a footer that is too long goes into the body, and so does a label that had to be cut."""
    head, foot = header or getattr(given, "header", None) or "", getattr(given, "footer", None) or ""
    inside = [
        head if len(head) > HEADER else "",
        given.text or "",
        label if len(label) > LABEL else "",
        foot if len(foot) > FOOTER else "",
    ]
    text = "\n".join(part for part in inside if part.strip())
    before, said = before_and_body(text, BODY)
    content: dict[str, Any] = {"type": kind, "body": {"text": said}, "action": action}
    if head and (len(head) <= HEADER or kind == "product_list"):
        content["header"] = {"type": "text", "text": shorten(head, HEADER)}
    if foot and len(foot) <= FOOTER:
        content["footer"] = {"text": foot}
    return [*before, Rendered(kind=kind, text=said, body=body("interactive", content), content=_shown(kind, content))]


def _shown(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """What people see of it beside its words."""
    parameters = content["action"].get("parameters", {})
    links = {name: parameters[key] for name, key in (("url", "url"), ("label", "display_text")) if key in parameters}
    if kind == "flow":
        return {"label": parameters["flow_cta"], "flow": parameters.get("flow_id") or parameters.get("flow_name")}
    return links


def _flow(given: Flow) -> list[Rendered]:
    opened: dict[str, Any] = {}
    if given.screen is not None:
        data = {"data": dict(given.data)} if given.data else {}
        opened = {"flow_action": "navigate", "flow_action_payload": {"screen": given.screen, **data}}
    parameters = {
        "flow_message_version": _FLOW_VERSION,
        **({"flow_id": given.id} if given.id is not None else {"flow_name": given.name}),
        "flow_cta": shorten(given.label, LABEL),
        **({"flow_token": given.token} if given.token else {}),
        **({"mode": "draft"} if given.draft else {}),
        **opened,
    }
    return _made("flow", given, {"name": "flow", "parameters": parameters}, label=given.label)


def _lists(given: ProductList) -> Iterator[list[tuple[str, list[str]]]]:
    """As many messages as it takes: 30 products and 10 sections in each."""
    part: list[tuple[str, list[str]]] = []
    room = PRODUCTS
    for section in given.sections:
        left = list(section.products)
        while left:
            if not room or len(part) == SECTIONS:
                yield part
                part, room = [], PRODUCTS
            part.append((section.title, left[:room]))
            left, room = left[room:], room - len(part[-1][1])
    if part:
        yield part


def _product_list(given: ProductList, part: Sequence[tuple[str, list[str]]]) -> list[Rendered]:
    sections = [
        {"title": shorten(title, SECTION_TITLE), "product_items": [{"product_retailer_id": each} for each in products]}
        for title, products in part
    ]
    return _made("product_list", given, {"catalog_id": given.catalog, "sections": sections})


def _fits(given: Carousel) -> bool:
    """All cards alike, each with one picture or one film and with a button that leads somewhere, or some to choose."""
    if not CARDS[0] <= len(given.cards) <= CARDS[1]:
        return False
    shapes = {(card.image is None, len(card.choices), card.url is None) for card in given.cards}
    return len(shapes) == 1 and all(map(_fits_card, given.cards))


def _fits_card(card: Card) -> bool:
    one_medium = (card.image is None) != (card.video is None)
    one_sort = (card.url is not None and bool(card.label)) != bool(card.choices)
    plain = card.url is None or not card.choices
    short = len(card.text) <= CARD_BODY and len(card.text.splitlines()) <= CARD_LINES
    titles = [*card.choices, card.label or ""]
    return one_medium and one_sort and plain and short and all(len(title) <= BUTTON_TITLE for title in titles)


def _carousel(given: Carousel, new_token: NewToken) -> list[Rendered]:
    before, said = before_and_body(given.text, BODY)
    made: list[Button] = []
    cards = [_card(index, card, made, new_token) for index, card in enumerate(given.cards)]
    content = {"type": "carousel", "body": {"text": said}, "action": {"cards": cards}}
    words = [card.text for card in given.cards]
    whole = Rendered(
        kind="carousel",
        text="\n".join(part for part in (said, *(f"• {each}" for each in words if each.strip()))),
        body=body("interactive", content),
        buttons=tuple(made),
    )
    return [*before, whole]


def _card(index: int, card: Card, made: list[Button], new_token: NewToken) -> dict[str, Any]:
    kind = "image" if card.image is not None else "video"
    header = {"type": kind, kind: {"link": card.image or card.video}}
    words = {"body": {"text": card.text}} if card.text.strip() else {}
    if card.choices:
        buttons = [Button(token=new_token(), title=title, payload=title) for title in card.choices]
        made += buttons
        replies = [
            {"type": "quick_reply", "quick_reply": {"id": button.token, "title": title}}
            for button, title in zip(buttons, unique(list(card.choices), BUTTON_TITLE), strict=True)
        ]
        return {"card_index": index, "header": header, **words, "action": {"buttons": replies}}
    parameters = {"display_text": card.label, "url": card.url}
    action = {"name": "cta_url", "parameters": parameters}
    return {"card_index": index, "type": "cta_url", "header": header, **words, "action": action}
