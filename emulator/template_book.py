"""The templates of each business account, and what Meta checks of a new one [WA docs: message templates]."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from typing import Any

from emulator.fields import Json
from emulator.graph_errors import GraphError

CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
_NAME = re.compile(r"[a-z0-9_]{1,512}\Z")
_FIELD = re.compile(r"\{\{\s*\w+\s*\}\}")
_SIDE_BY_SIDE = re.compile(r"\{\{\s*\w+\s*\}\}\s*\{\{\s*\w+\s*\}\}")
_LONGEST = {"BODY": 1024, "HEADER": 60, "FOOTER": 60}
_MOST_BUTTONS, _LABEL, _LINK = 10, 25, 2000
_MOST_OF = {"URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1}
#: Every business begins with the same three, one of them not approved yet.
_FIRST: tuple[Json, ...] = (
    {
        "name": "hello_world",
        "language": "en_US",
        "category": "UTILITY",
        "status": "APPROVED",
        "components": [
            {"type": "HEADER", "format": "TEXT", "text": "Hello World"},
            {"type": "BODY", "text": "Welcome and congratulations! This message shows that a template was sent."},
            {"type": "FOOTER", "text": "WhatsApp Business Platform sample message"},
        ],
    },
    {
        "name": "pedido_pronto",
        "language": "pt_BR",
        "category": "UTILITY",
        "status": "APPROVED",
        "components": [
            {
                "type": "BODY",
                "text": "Olá, {{1}}! Seu pedido {{2}} está pronto.",
                "example": {"body_text": [["Ana", "1042"]]},
            },
            {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Obrigado!"}]},
        ],
    },
    {
        "name": "novidades",
        "language": "pt_BR",
        "category": "MARKETING",
        "status": "PENDING",
        "components": [{"type": "BODY", "text": "Temos pratos novos no cardápio. Venha provar!"}],
    },
)


class TemplateBook:
    """By the business account's id."""

    def __init__(self) -> None:
        self._known: dict[str, list[Json]] = {}
        self._made = 0

    def of(self, business: str) -> list[Json]:
        if business not in self._known:
            first = [{"id": f"{business}{number:02}", **copy.deepcopy(each)} for number, each in enumerate(_FIRST, 1)]
            self._known[business] = first
        return self._known[business]

    def add(self, business: str, asked: Json) -> Json:
        """One that waits to be approved; refused as Meta would."""
        check(asked)
        known = self.of(business)
        if any((each["name"], each["language"]) == (asked["name"], asked["language"]) for each in known):
            raise GraphError(100, f"There is already content in {asked['language']} for {asked['name']}.")
        self._made += 1
        made = {"id": f"{business}{90 + self._made}", **{name: asked[name] for name in _KEPT if name in asked}}
        made["status"] = "PENDING"
        known.append(made)
        return made

    def remove(self, business: str, name: str) -> list[Json]:
        """In all its languages."""
        gone = [each for each in self.of(business) if each["name"] == name]
        if not gone:
            raise GraphError(100, f"There is no template named {name}.")
        self._known[business] = [each for each in self.of(business) if each["name"] != name]
        return gone

    def clear(self) -> None:
        self._known.clear()


_KEPT = ("name", "language", "category", "components", "parameter_format")


def check(asked: Json) -> None:
    """[WA docs: template components]"""
    if not isinstance(asked.get("name"), str) or not _NAME.match(asked["name"]):
        raise _wrong("name must be of lower-case letters, digits and underscores, 512 at most")
    if not isinstance(asked.get("language"), str) or not asked["language"]:
        raise _wrong("language is required")
    if asked.get("category") not in CATEGORIES:
        raise _wrong(f"category must be one of {', '.join(CATEGORIES)}")
    given = asked.get("components")
    parts = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    kinds = [str(each.get("type", "")).upper() for each in parts]
    if not parts or len(parts) != len(given or []) or kinds.count("BODY") != 1 or len(set(kinds)) < len(kinds):
        raise _wrong("components must be a list of objects, each of its own type, with a BODY")
    if asked["category"] != "AUTHENTICATION":
        for kind, part in zip(kinds, parts, strict=True):
            _check_part(kind, part)


def _check_part(kind: str, part: Json) -> None:
    if kind == "BUTTONS":
        _check_buttons(part.get("buttons"))
        return
    if kind not in _LONGEST or part.get("format", "TEXT") != "TEXT":
        return
    text = part.get("text")
    if not isinstance(text, str) or not 0 < len(text) <= _LONGEST[kind]:
        raise _wrong(f"{kind}.text must be from 1 to {_LONGEST[kind]} characters long")
    fields = list(_FIELD.finditer(text.strip()))
    if kind == "HEADER" and len(fields) > 1:
        raise _wrong("HEADER.text may have one variable")
    if kind != "BODY" or not fields:
        return
    if fields[0].start() == 0 or fields[-1].end() == len(text.strip()):
        raise _wrong("BODY.text must not begin or end with a variable")
    if _SIDE_BY_SIDE.search(text):
        raise _wrong("BODY.text must not have variables side by side")


def _check_buttons(given: Any) -> None:
    buttons: Sequence[Json] = given if isinstance(given, list) and all(isinstance(each, dict) for each in given) else ()
    if not 1 <= len(buttons) <= _MOST_BUTTONS:
        raise _wrong(f"BUTTONS.buttons must have from 1 to {_MOST_BUTTONS} items")
    kinds = [str(each.get("type", "")).upper() for each in buttons]
    for kind, most in _MOST_OF.items():
        if kinds.count(kind) > most:
            raise _wrong(f"BUTTONS.buttons may have {most} of the type {kind}")
    for each in buttons:
        if len(str(each.get("text", ""))) > _LABEL or len(str(each.get("url", ""))) > _LINK:
            raise _wrong(f"a button's text may have {_LABEL} characters, its url {_LINK}")
    quick = [place for place, kind in enumerate(kinds) if kind == "QUICK_REPLY"]
    if quick and quick[-1] - quick[0] + 1 != len(quick):
        raise _wrong("quick replies must stand together")


def _wrong(what: str) -> GraphError:
    return GraphError(100, f"Invalid parameter: {what}.")
