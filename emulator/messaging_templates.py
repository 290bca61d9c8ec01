"""Templates of Messenger and Instagram: what they may hold, and how the phone shows them: (text, what to draw).

[MSG docs: generic, button, media, receipt template; IG docs: generic, button, product template]
"""

from __future__ import annotations

from collections.abc import Callable

from emulator import messaging_rules as limits
from emulator.assets import Assets
from emulator.fields import Json
from emulator.graph_errors import GraphError
from emulator.messaging_checks import list_in, object_in, one_of, text_if_in, text_in, web_address_in
from emulator.messaging_rules import Rules

Shown = tuple[str, Json]
_WHERE = "message.attachment.payload"


def template(payload: Json, rules: Rules, assets: Assets) -> Shown:
    kind = one_of(payload, "template_type", _WHERE, rules.templates)
    check = _CHECKS.get(kind)
    return check(payload, rules, assets) if check is not None else (f"[{kind}]", {"template": kind})


def _generic(payload: Json, rules: Rules, assets: Assets) -> Shown:
    cards: list[Json] = []
    for n, element in enumerate(list_in(payload, "elements", _WHERE, 1, limits.ELEMENTS)):
        where = f"{_WHERE}.elements[{n}]"
        if element.get("default_action") is not None:
            web_address_in(object_in(element, "default_action", where), "url", f"{where}.default_action")
        cards.append(
            {
                "title": text_in(element, "title", where, limits.ELEMENT_TITLE),
                "subtitle": text_if_in(element, "subtitle", where, limits.ELEMENT_SUBTITLE),
                "image": web_address_in(element, "image_url", where) if element.get("image_url") else "",
                "buttons": _buttons(element, where, rules) if element.get("buttons") is not None else [],
            }
        )
    return " · ".join(str(card["title"]) for card in cards), {
        "template": "generic",
        "cards": cards,
        "choices": [button["id"] for card in cards for button in card["buttons"] if "id" in button],
    }


def _button(payload: Json, rules: Rules, assets: Assets) -> Shown:
    text = text_in(payload, "text", _WHERE, limits.BUTTON_TEXT)
    buttons = _buttons(payload, _WHERE, rules)
    choices = [button["id"] for button in buttons if "id" in button]
    return text, {"template": "button", "buttons": buttons, "choices": choices}


def _media(payload: Json, rules: Rules, assets: Assets) -> Shown:
    """One picture or film, by its address on Facebook or by its id."""
    (element,) = list_in(payload, "elements", _WHERE, 1, 1)
    where = f"{_WHERE}.elements[0]"
    kind = one_of(element, "media_type", where, ("image", "video"))
    if bool(element.get("url")) == bool(element.get("attachment_id")):
        raise GraphError(100, f"{where} needs either url or attachment_id.")
    url = web_address_in(element, "url", where) if element.get("url") else stored(element, where, assets)
    buttons = _buttons(element, where, rules) if element.get("buttons") is not None else []
    return "", {
        "template": "media",
        "attachments": [{"type": kind, "url": url}],
        "buttons": buttons,
        "choices": [button["id"] for button in buttons if "id" in button],
    }


def _receipt(payload: Json, rules: Rules, assets: Assets) -> Shown:
    if payload.get("elements") is not None:
        list_in(payload, "elements", _WHERE, 1, limits.RECEIPT_ELEMENTS)
    return text_in(payload, "recipient_name", _WHERE, 640), {"template": "receipt"}


def stored(parent: Json, where: str, assets: Assets) -> str:
    """The address of a file that was uploaded before."""
    known = assets.attachments.get(text_in(parent, "attachment_id", where, 100))
    if known is None:
        raise GraphError(100, f"{where}.attachment_id is not known.")
    return str(known.get("url", ""))


def _buttons(parent: Json, where: str, rules: Rules) -> list[Json]:
    return [
        _one_button(button, f"{where}.buttons[{n}]", rules)
        for n, button in enumerate(list_in(parent, "buttons", where, 1, limits.BUTTONS))
    ]


def _one_button(button: Json, where: str, rules: Rules) -> Json:
    kind = one_of(button, "type", where, rules.buttons)
    if kind in ("account_link", "account_unlink"):
        return {"title": kind, "url": web_address_in(button, "url", where) if kind == "account_link" else ""}
    title = text_in(button, "title", where, limits.BUTTON_TITLE)
    if kind == "web_url":
        return {"title": title, "url": web_address_in(button, "url", where)}
    payload = text_in(button, "payload", where, limits.BUTTON_PAYLOAD)
    return {"title": title, "id": payload} if kind == "postback" else {"title": title, "url": ""}


_CHECKS: dict[str, Callable[[Json, Rules, Assets], Shown]] = {
    "generic": _generic,
    "button": _button,
    "media": _media,
    "receipt": _receipt,
}
