"""A template with all its parts, as WhatsApp and Messenger have them.

[WA docs: template messages, components; templates with carousels, offers, coupon codes, catalogs, sign-in codes]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conversation.interactive import Section
from conversation.template import Amount, Button, Field, Header, Template


def template(given: Template) -> dict[str, Any]:
    components = _components(given.header, [given.code] if given.code is not None else given.body, given.buttons)
    links = given.links if given.code is None else [given.code]
    components += [_button(Button(index=index, url=link)) for index, link in enumerate(links)]
    if given.expires_at is not None:
        offer = {"expiration_time_ms": int(given.expires_at.timestamp() * 1000)}
        parameter = {"type": "limited_time_offer", "limited_time_offer": offer}
        components.append({"type": "limited_time_offer", "parameters": [parameter]})
    if given.cards:
        cards = [
            {"card_index": index, "components": _components(card.header, card.body, card.buttons)}
            for index, card in enumerate(given.cards)
        ]
        components.append({"type": "carousel", "cards": cards})
    made: dict[str, Any] = {"name": given.name, "language": {"code": given.language}}
    return {**made, "components": components} if components else made


def _components(
    header: str | Header | None, body: Sequence[Field] | Mapping[str, Field], buttons: Sequence[Button]
) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    if header is not None:
        made.append({"type": "header", "parameters": [_text(header) if isinstance(header, str) else _header(header)]})
    if body:
        made.append({"type": "body", "parameters": _fields(body)})
    return made + [_button(button) for button in buttons]


def _fields(body: Sequence[Field] | Mapping[str, Field]) -> list[dict[str, Any]]:
    if isinstance(body, Mapping):
        return [{**_field(value), "parameter_name": name} for name, value in body.items()]
    return [_field(value) for value in body]


def _field(value: Field) -> dict[str, Any]:
    if not isinstance(value, Amount):
        return _text(value)
    if value.currency is None:
        return {"type": "date_time", "date_time": {"fallback_value": value.text}}
    money = {"fallback_value": value.text, "code": value.currency, "amount_1000": value.thousandths}
    return {"type": "currency", "currency": money}


def _text(value: str) -> dict[str, Any]:
    return {"type": "text", "text": value}


def _header(header: Header) -> dict[str, Any]:
    if header.kind == "location":
        named = {key: value for key in ("name", "address") if (value := getattr(header, key))}
        place = {"latitude": header.latitude, "longitude": header.longitude, **named}
        return {"type": "location", "location": place}
    file: dict[str, Any] = {"link": header.link} if header.media is None else {"media": header.media}
    named = {"filename": header.filename} if header.filename and header.kind == "document" else {}
    return {"type": header.kind, header.kind: {**file, **named}}


def _button(button: Button) -> dict[str, Any]:
    sub_type, parameter = _of(button)
    return {"type": "button", "sub_type": sub_type, "index": str(button.index), "parameters": [parameter]}


def _of(button: Button) -> tuple[str, dict[str, Any]]:
    if button.url is not None:
        return "url", _text(button.url)
    if button.payload is not None:
        return "quick_reply", {"type": "payload", "payload": button.payload}
    if button.code is not None:
        return "copy_code", {"type": "coupon_code", "coupon_code": button.code}
    if button.token is not None:
        data = {"flow_action_data": dict(button.data)} if button.data else {}
        return "flow", {"type": "action", "action": {"flow_token": button.token, **data}}
    shown: dict[str, Any] = {"thumbnail_product_retailer_id": button.product}
    if not button.sections:
        return "catalog", {"type": "action", "action": shown}
    sections = [_section(each) for each in button.sections]
    return "mpm", {"type": "action", "action": {**shown, "sections": sections}}


def _section(section: Section) -> dict[str, Any]:
    items = [{"product_retailer_id": each} for each in section.products]
    return {"title": section.title, "product_items": items}
