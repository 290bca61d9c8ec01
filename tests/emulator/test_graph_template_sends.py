"""A template that is sent is held against what was approved, as Meta does."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.graph_errors import GraphError
from emulator.template_book import TemplateBook
from emulator.whatsapp_templates import against, check

BOOK = TemplateBook().of("waba")


def sent(name: str = "pedido_pronto", language: str = "pt_BR", **parts: list[Any]) -> dict[str, Any]:
    components = [{"type": kind, "parameters": given} for kind, given in parts.items()]
    return {"name": name, "language": {"code": language}, "components": components}


def words(*values: str) -> list[Any]:
    return [{"type": "text", "text": value} for value in values]


def test_its_own_words_are_shown_with_what_was_filled_in() -> None:
    check(sent(body=words("Ana", "1042")))
    assert against(BOOK, sent(body=words("Ana", "1042"))) == "Olá, Ana! Seu pedido 1042 está pronto."
    assert against(BOOK, sent("made_elsewhere")) is None


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (sent(), 132000),
        (sent(body=words("Ana")), 132000),
        (sent(language="en_US", body=words("Ana", "1042")), 132001),
        (sent("novidades"), 132001),  # not approved yet
        (sent("hello_world", "en_US", header=words("x")), 132000),
    ],
)
def test_it_is_refused_where_it_is_not_as_it_was_approved(given: dict[str, Any], code: int) -> None:
    check(given)
    with pytest.raises(GraphError) as refused:
        against(BOOK, given)
    assert refused.value.code == code


@pytest.mark.parametrize(("status", "code"), [("PAUSED", 132015), ("DISABLED", 132016)])
def test_one_that_meta_stopped_is_not_taken(status: str, code: int) -> None:
    known = [{**each, "status": status} for each in BOOK]
    with pytest.raises(GraphError) as refused:
        against(known, sent(body=words("Ana", "1042")))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("component", "code"),
    [
        ({"type": "button", "sub_type": "copy_code", "index": "0", "parameters": words("X")}, 132012),
        ({"type": "button", "sub_type": "url", "index": "0", "parameters": words("a", "b")}, 132000),
        ({"type": "header", "parameters": [{"type": "image", "image": {}}]}, 131008),
        ({"type": "body", "parameters": [{"type": "currency", "currency": {"code": "BRL"}}]}, 131008),
        ({"type": "carousel", "cards": []}, 131009),
    ],
)
def test_a_part_that_is_not_whole_is_refused(component: dict[str, Any], code: int) -> None:
    with pytest.raises(GraphError) as refused:
        check({"name": "a", "language": {"code": "pt_BR"}, "components": [component]})
    assert refused.value.code == code
