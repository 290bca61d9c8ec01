"""What somebody means who answers a numbered list."""

from __future__ import annotations

import pytest

from conversation.choosing import chosen

TITLES = ["Pizza grande", "Suco de 2 litros", "Falar com alguém"]


@pytest.mark.parametrize(
    "written",
    ["2", " 2 ", "2.", "2)", "opção 2", "Opcao 2", "a opção 2", "option 2", "nº 2", "número 2", "#2", "2️⃣", "2ª",
     "suco de 2  litros", "Suco de 2 litros"],
)  # fmt: skip
def test_a_number_or_the_whole_title_chooses(written: str) -> None:
    assert chosen(written, TITLES) == 1


@pytest.mark.parametrize("written", ["0", "4", "22", "2 pizzas", "quero 2", "suco", "às 2h", "", None, "2" * 400])
def test_anything_else_is_just_words(written: str | None) -> None:
    assert chosen(written, TITLES) is None


def test_a_title_that_is_there_twice_is_chosen_by_its_number_only() -> None:
    assert chosen("sim", ["Sim", "sim"]) is None and chosen("2", ["Sim", "sim"]) == 1


def test_a_title_that_is_a_number_is_itself() -> None:
    assert chosen("2", ["3", "2", "1"]) == 1 and chosen("3", ["3", "2", "1"]) == 0
