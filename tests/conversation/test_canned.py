"""Fields of canned replies."""

from __future__ import annotations

import pytest

from conversation import canned
from conversation.errors import BadInput

VALUES = {"customer": "Ana", "operator": "Bia", "shop": "Cantina"}


def test_every_field_is_filled_in_wherever_it_stands() -> None:
    text = "{customer}, aqui é {operator} da {shop}. Obrigada, {customer}!"
    assert canned.fill(text, VALUES) == "Ana, aqui é Bia da Cantina. Obrigada, Ana!"


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Olá, {customer}!", "Olá!"),
        ("Oi {customer}, tudo bem?", "Oi, tudo bem?"),
        ("{customer}, tudo bem?", "tudo bem?"),
        ("Bom dia", "Bom dia"),
    ],
)
@pytest.mark.parametrize("name", [None, "", "  "])
def test_where_a_name_is_not_known_the_sentence_does_without_it(text: str, filled: str, name: str | None) -> None:
    assert canned.fill(text, {**VALUES, "customer": name}) == filled


def test_a_customer_who_is_called_like_a_field_stays_as_they_are_called() -> None:
    assert canned.fill("Oi {customer}", {**VALUES, "customer": "{operator} {shop}"}) == "Oi {operator} {shop}"


@pytest.mark.parametrize("act", [canned.check, lambda text: canned.fill(text, VALUES)])
def test_an_unknown_field_is_named_with_those_there_are(act: object) -> None:
    with pytest.raises(BadInput, match=r"\{cliente\}.*\{customer\}, \{operator\}, \{shop\}"):
        act("Olá {cliente}")  # type: ignore[operator]


@pytest.mark.parametrize("text", ["Temos { e }", "{}", "{Customer}", "{customer }"])
def test_a_field_is_written_as_it_is_or_is_unknown(text: str) -> None:
    with pytest.raises(BadInput):
        canned.check(text)


@pytest.mark.parametrize("text", ["", "100% {", "} ok", "a } b {"])
def test_a_lone_brace_is_only_a_brace(text: str) -> None:
    assert canned.fill(text, VALUES) == text
