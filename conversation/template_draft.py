"""A template that is to be approved: what Meta refuses of one is found before it is asked.

Figures as in [WA docs: message templates; template components].
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from conversation.errors import BadInput
from conversation.said import say

CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
LONGEST_BODY, LONGEST_HEADER, LONGEST_FOOTER, LONGEST_LABEL, LONGEST_URL = 1024, 60, 60, 25, 2000
MOST_BUTTONS = 10
#: Of each kind of button, where it is not as many as one likes.
MOST_OF = {"URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1}
_NAME = re.compile(r"[a-z0-9_]{1,512}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2,4})?")
_FIELD = re.compile(r"\{\{\s*\w+\s*\}\}")
_SIDE_BY_SIDE = re.compile(r"\{\{\s*\w+\s*\}\}\s*\{\{\s*\w+\s*\}\}")
_PARTS = ("HEADER", "BODY", "FOOTER", "BUTTONS")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """`components`: in Meta's own form, which says more than another would. `ttl_s`: how long it may try to arrive."""

    name: str
    language: str
    category: str
    components: Sequence[Mapping[str, Any]]
    named: bool = False  # its fields have names, and are not numbered
    ttl_s: int | None = None


def check(draft: Draft) -> None:
    """`BadInput` says the first thing that Meta would refuse."""
    if not _NAME.fullmatch(draft.name):
        raise BadInput(say("A template's name has small letters, digits and underscores only, 512 at most."))
    if not _LANGUAGE.fullmatch(draft.language):
        raise BadInput(say("{language} is not a language like pt_BR.", language=draft.language))
    if draft.category not in CATEGORIES:
        raise BadInput(say("A template's category is one of {known}.", known=", ".join(CATEGORIES)))
    if any(_kind(each) not in (*_PARTS, "CAROUSEL", "LIMITED_TIME_OFFER") for each in draft.components):
        raise BadInput(say("A template has a header, a body, a footer and buttons."))
    for part in _PARTS:
        if sum(_kind(each) == part for each in draft.components) > 1:
            raise BadInput(say("A template has only one {part}.", part=part.lower()))
    body = _of(draft, "BODY")
    if body is None:
        raise BadInput(say("A template needs a body."))
    if draft.category == "AUTHENTICATION":
        return  # its words are Meta's own
    _check_words(str(body.get("text") or ""))
    header, footer, buttons = (_of(draft, part) for part in ("HEADER", "FOOTER", "BUTTONS"))
    if header is not None and header.get("format", "TEXT") == "TEXT":
        _check_header(str(header.get("text") or ""))
    if footer is not None and not 0 < len(str(footer.get("text") or "")) <= LONGEST_FOOTER:
        raise BadInput(say("A template's {part} has {most} characters at most.", part="footer", most=LONGEST_FOOTER))
    if buttons is not None:
        _check_buttons(buttons.get("buttons"))


def _kind(component: Mapping[str, Any]) -> str:
    return str(component.get("type") or "").upper()


def _of(draft: Draft, kind: str) -> Mapping[str, Any] | None:
    return next((each for each in draft.components if _kind(each) == kind), None)


def _check_words(text: str) -> None:
    if not 0 < len(text) <= LONGEST_BODY:
        raise BadInput(say("A template's {part} has {most} characters at most.", part="body", most=LONGEST_BODY))
    whole = text.strip()
    fields = list(_FIELD.finditer(whole))
    if fields and (fields[0].start() == 0 or fields[-1].end() == len(whole)):
        raise BadInput(say("A template's body does not begin or end with a field."))
    if _SIDE_BY_SIDE.search(whole):
        raise BadInput(say("Two fields of a template do not stand side by side."))


def _check_header(text: str) -> None:
    if not 0 < len(text) <= LONGEST_HEADER:
        raise BadInput(say("A template's {part} has {most} characters at most.", part="header", most=LONGEST_HEADER))
    if len(_FIELD.findall(text)) > 1:
        raise BadInput(say("A template's header has one field at most."))


def _check_buttons(given: Any) -> None:
    buttons = [each for each in given if isinstance(each, Mapping)] if isinstance(given, list) else []
    if not 1 <= len(buttons) <= MOST_BUTTONS or len(buttons) != len(given):
        raise BadInput(say("A template has from 1 to {most} buttons.", most=MOST_BUTTONS))
    kinds = [_kind(each) for each in buttons]
    for kind, most in MOST_OF.items():
        if kinds.count(kind) > most:
            raise BadInput(say("A template has {most} buttons of the kind {kind} at most.", most=most, kind=kind))
    for each in buttons:
        if len(str(each.get("text") or "")) > LONGEST_LABEL:
            raise BadInput(say("A template's {part} has {most} characters at most.", part="button", most=LONGEST_LABEL))
        if len(str(each.get("url") or "")) > LONGEST_URL:
            raise BadInput(say("A template's {part} has {most} characters at most.", part="link", most=LONGEST_URL))
    quick = [place for place, kind in enumerate(kinds) if kind == "QUICK_REPLY"]
    if quick and quick[-1] - quick[0] + 1 != len(quick):
        raise BadInput(say("The quick replies of a template stand together."))
