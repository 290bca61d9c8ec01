"""What Meta refuses of a template, and of a business profile, is found before it is asked."""

from __future__ import annotations

from typing import Any

import pytest

from conversation import business_profile, template_draft
from conversation.errors import BadInput
from conversation.template_draft import Draft


def draft(text: str = "Olá, {{1}}! Até já.", *more: dict[str, Any], **given: Any) -> Draft:
    facts: dict[str, Any] = {"name": "pedido", "language": "pt_BR", "category": "UTILITY", **given}
    return Draft(components=[{"type": "BODY", "text": text}, *more], **facts)


def header(text: str) -> dict[str, Any]:
    return {"type": "HEADER", "format": "TEXT", "text": text}


def buttons(*kinds: str, **more: Any) -> dict[str, Any]:
    return {"type": "BUTTONS", "buttons": [{"type": kind, "text": "Sim", **more} for kind in kinds]}


QUICK = "QUICK_REPLY"


@pytest.mark.parametrize(
    "fits",
    [
        draft(),
        draft("x" * 1024, header("y" * 60), {"type": "FOOTER", "text": "z" * 60}),
        draft("Oi", header("Olá, {{1}}")),
        draft("Oi", {"type": "HEADER", "format": "IMAGE"}),
        draft("Oi", buttons(*[QUICK] * 10, text="w" * 25)),
        draft("Oi", buttons("URL", "URL", QUICK, QUICK, "PHONE_NUMBER", "COPY_CODE")),
        draft("", category="AUTHENTICATION"),
        draft("Olá, {{nome}}!", name="a_1", language="en"),
    ],
)
def test_within_the_limits(fits: Draft) -> None:
    template_draft.check(fits)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (draft(name="Pedido"), "small letters"),
        (draft(name="a" * 513), "512"),
        (draft(language="portuguese"), "not a language"),
        (draft(category="SERVICE"), "category"),
        (draft(""), "body"),
        (draft("x" * 1025), "1024"),
        (draft("{{1}}, olá"), "begin or end"),
        (draft("Olá, {{1}} "), "begin or end"),
        (draft("Olá {{1}} {{2}}!"), "side by side"),
        (draft("Oi", header("y" * 61)), "60"),
        (draft("Oi", header("{{1}} e {{2}}")), "one field"),
        (draft("Oi", {"type": "FOOTER", "text": "z" * 61}), "60"),
        (draft("Oi", header("a"), header("b")), "only one"),
        (draft("Oi", {"type": "TAIL"}), "a header, a body"),
        (draft("Oi", buttons(*[QUICK] * 11)), "10"),
        (draft("Oi", buttons()), "from 1"),
        (draft("Oi", buttons("URL", "URL", "URL")), "2 buttons"),
        (draft("Oi", buttons("PHONE_NUMBER", "PHONE_NUMBER")), "1 buttons"),
        (draft("Oi", buttons(QUICK, text="w" * 26)), "25"),
        (draft("Oi", buttons("URL", url="h" * 2001)), "2000"),
        (draft("Oi", buttons(QUICK, "URL", QUICK)), "together"),
        (Draft(name="a", language="pt", category="UTILITY", components=[header("Oi")]), "needs a body"),
    ],
)
def test_each_of_what_is_refused(wrong: Draft, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        template_draft.check(wrong)


SITE = "https://a.example/"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({}, "at least one"),
        ({"name": "Cantina"}, "no name"),
        ({"about": "x" * 140}, "139"),
        ({"about": ""}, "empty"),
        ({"address": "x" * 257}, "256"),
        ({"description": "x" * 513}, "512"),
        ({"email": "x" * 129}, "128"),
        ({"vertical": "comida"}, "vertical"),
        ({"websites": [SITE] * 3}, "2 addresses"),
        ({"websites": ["a.example"]}, "2 addresses"),
    ],
)
def test_a_profile_beyond_the_limits(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(BadInput, match=why):
        business_profile.check(wrong)
    business_profile.check({"about": "x" * 139, "websites": [SITE, SITE], "vertical": "RESTAURANT", "email": ""})
