"""What a template that is sent may hold: its parts by themselves, and against what was approved.

[WA docs: template messages; components; Cloud API error codes]
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from emulator.fields import Json
from emulator.graph_errors import GraphError, need_list, need_object, need_text, optional_text

NAME, LANGUAGE, TEXT, HEADER_TEXT, PAYLOAD, CODE, LINK_END = 512, 15, 1024, 60, 256, 15, 2000
BUTTONS, CARDS, FIELDS = 10, (2, 10), 50
_NAME = re.compile(r"[a-z0-9_]+\Z")
_FIELD = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_MEDIA = ("image", "video", "document")
#: The kind of parameter a button takes, and the part of it that must be there.
_OF_BUTTON = {
    "url": ("text", "text"),
    "quick_reply": ("payload", "payload"),
    "copy_code": ("coupon_code", "coupon_code"),
    "flow": ("action", "action"),
    "catalog": ("action", "action"),
    "mpm": ("action", "action"),
    "voice_call": ("payload", "payload"),
}
#: What a template may have become since it was approved, and what Meta then answers.
_STATES = {"PAUSED": 132015, "DISABLED": 132016}


def check(o: Json) -> tuple[str, Json]:
    name = need_text(o, "name", "template", NAME)
    if not _NAME.match(name):
        raise GraphError(132001, f"Template name {name!r}: lower-case letters, digits and underscores only.")
    need_text(need_object(o, "language", "template"), "code", "template.language", LANGUAGE)
    if o.get("components") is not None:
        for n, each in enumerate(need_list(o, "components", "template", 0, BUTTONS + 4)):
            _component(each, f"template.components[{n}]")
    return name, {"template": name}


def _component(component: Json, where: str) -> None:
    kind = need_text(component, "type", where, 32).lower()
    if kind == "carousel":
        for n, card in enumerate(need_list(component, "cards", where, *CARDS)):
            if card.get("card_index") != n:
                raise GraphError(131009, f"{where}.cards[{n}].card_index must be {n}.")
            for part, each in enumerate(need_list(card, "components", f"{where}.cards[{n}]", 1, BUTTONS)):
                _component(each, f"{where}.cards[{n}].components[{part}]")
        return
    if kind not in ("header", "body", "button", "limited_time_offer"):
        raise GraphError(131009, f"{where}.type {kind!r} is not known.")
    parameters = need_list(component, "parameters", where, 1 if kind != "body" else 0, FIELDS)
    if kind == "button":
        _button(component, parameters, where)
        return
    if kind == "header" and len(parameters) != 1:
        raise GraphError(132000, f"{where}.parameters: a header has one, not {len(parameters)}.")
    for n, each in enumerate(parameters):
        _parameter(each, f"{where}.parameters[{n}]", in_header=kind == "header")


def _button(component: Json, parameters: Sequence[Json], where: str) -> None:
    sub_type = need_text(component, "sub_type", where, 32).lower()
    if sub_type not in _OF_BUTTON:
        raise GraphError(131009, f"{where}.sub_type {sub_type!r} is not known.")
    index = component.get("index")
    if not str(index).isdigit() or int(str(index)) >= BUTTONS:
        raise GraphError(131009, f"{where}.index must be from 0 to {BUTTONS - 1}.")
    if len(parameters) != 1:
        raise GraphError(132000, f"{where}.parameters: a button has one, not {len(parameters)}.")
    kind, part = _OF_BUTTON[sub_type]
    (given,) = parameters
    if given.get("type") != kind:
        raise GraphError(132012, f"{where}.parameters[0].type must be {kind}.")
    if part == "action":
        need_object(given, part, f"{where}.parameters[0]")
        return
    need_text(given, part, where, {"payload": PAYLOAD, "coupon_code": CODE}.get(part, LINK_END))


def _parameter(given: Json, where: str, *, in_header: bool) -> None:
    kind = need_text(given, "type", where, 32)
    optional_text(given, "parameter_name", where, 200)
    if kind == "text":
        need_text(given, "text", where, HEADER_TEXT if in_header else TEXT, code=132005)
    elif kind == "currency" and not in_header:
        inner = need_object(given, "currency", where)
        need_text(inner, "fallback_value", f"{where}.currency", 100)
        need_text(inner, "code", f"{where}.currency", 3)
        if not isinstance(inner.get("amount_1000"), int):
            raise GraphError(132012, f"{where}.currency.amount_1000 must be a whole number.")
    elif kind == "date_time" and not in_header:
        need_text(need_object(given, "date_time", where), "fallback_value", f"{where}.date_time", 100)
    elif kind in _MEDIA and in_header:
        medium = need_object(given, kind, where)
        if bool(medium.get("id")) == bool(medium.get("link")):
            raise GraphError(131008, f"{where}.{kind} needs either id or link.")
    elif kind == "location" and in_header:
        place = need_object(given, "location", where)
        for key in ("latitude", "longitude"):
            if place.get(key) in (None, ""):
                raise GraphError(131008, f"{where}.location.{key} is required.")
    elif kind == "limited_time_offer" and not in_header:
        offer = need_object(given, "limited_time_offer", where)
        if not isinstance(offer.get("expiration_time_ms"), int):
            raise GraphError(132012, f"{where}.limited_time_offer.expiration_time_ms must be a whole number.")
    else:
        raise GraphError(132012, f"{where}.type {kind!r} does not fit here.")


def against(known: Sequence[Json], o: Json) -> str | None:
    """The words the phone shows; refused as Meta would, where it is not as it was approved. A name that this business
    has in no language was made elsewhere, as far as anybody knows here: it is taken, and None is what it says."""
    if all(each["name"] != o["name"] for each in known):
        return None
    code = o["language"]["code"]
    found = next((each for each in known if (each["name"], each["language"]) == (o["name"], code)), None)
    status = str(found.get("status", "APPROVED")).upper() if found is not None else ""
    if found is not None and status in _STATES:
        raise GraphError(_STATES[status], f"Template {o['name']} ({code}) is {status}.")
    if found is None or status != "APPROVED":
        raise GraphError(132001, f"Template {o['name']} does not exist in {code}, or was not approved.")
    given = {str(each.get("type")).lower(): each for each in o.get("components") or []}
    shown = []
    for part in found.get("components") or []:
        kind = str(part.get("type")).lower()
        if kind in ("header", "body"):
            shown.append(_filled(part, given.get(kind), kind))
        elif kind == "footer":
            shown.append(str(part.get("text") or ""))
        elif kind == "buttons":
            _buttons_of(part, [each for each in o.get("components") or [] if str(each.get("type")).lower() == "button"])
    return "\n".join(line for line in shown if line)


def _filled(part: Json, given: Json | None, kind: str) -> str:
    parameters = (given or {}).get("parameters") or []
    form = str(part.get("format") or "TEXT").upper()
    if kind == "header" and form != "TEXT":
        if len(parameters) != 1 or parameters[0].get("type") != form.lower():
            raise GraphError(132012, f"The header of this template is of format {form}.")
        return f"[{form.lower()}]"
    text = str(part.get("text") or "")
    fields = list(dict.fromkeys(_FIELD.findall(text)))
    if len(parameters) != len(fields):
        raise GraphError(132000, f"{kind}: number of parameters is {len(parameters)}, expected {len(fields)}.")
    named = {each.get("parameter_name"): each for each in parameters}
    if not all(field.isdigit() for field in fields) and set(named) != set(fields):
        raise GraphError(132012, f"{kind}: the parameters must be named {', '.join(fields)}.")
    values = {field: named.get(field, each) for field, each in zip(fields, parameters, strict=True)}
    return _FIELD.sub(lambda match: _words(values[match.group(1)]), text)


def _words(parameter: Json) -> str:
    inner: Any = parameter.get(str(parameter.get("type")))
    return str(inner.get("fallback_value") if isinstance(inner, dict) else inner or "")


def _buttons_of(part: Json, given: Sequence[Json]) -> None:
    """A link that ends in a field needs its end; so does a code that is copied."""
    at = {int(str(each["index"])): str(each["sub_type"]).lower() for each in given}
    for index, button in enumerate(part.get("buttons") or []):
        kind = str(button.get("type")).upper()
        needs = {"URL": "url", "COPY_CODE": "copy_code"}.get(kind)
        if kind == "URL" and not _FIELD.search(str(button.get("url") or "")):
            needs = None
            if at.get(index) == "url":
                raise GraphError(132000, f"Button {index} of this template has no parameter.")
        if needs is not None and at.get(index) != needs:
            raise GraphError(131008, f"Button {index} of this template needs a parameter of sub_type {needs}.")
    if any(index >= len(part.get("buttons") or []) for index in at):
        raise GraphError(132000, "There is no such button in this template.")
