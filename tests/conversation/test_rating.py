"""What is a rating, and what only holds a number."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from conversation.rating import ANSWERED_WITHIN, score_in, still_answers


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("1", 1),
        (" 5 ", 5),
        ("5!", 5),
        ("4.", 4),
        ("5️⃣", 5),
        ("Nota 4", 4),
        ("dou nota 3", 3),
        ("minha nota é 5", 5),
        ("cinco", 5),
        ("Três", 3),
        ("Cinco estrelas!!", 5),
        ("1 estrela", 1),
        ("5/5", 5),
        ("4 de 5", 4),
        ("5 👏👏", 5),
        ("5, obrigada!", 5),
        ("5 obrigado", 5),
        ("⭐⭐⭐⭐⭐", 5),
        ("⭐ ⭐", 2),
        ("five", 5),
        ("Five stars", 5),
        ("4 out of 5", 4),
        ("I give it a 4", 4),
        ("my rating is 2", 2),
        ("5 thanks", 5),
    ],
)
def test_a_rating_in_either_language(text: str, score: int) -> None:
    assert score_in(text) == score


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "0",
        "6",
        "10",
        "55",
        "4,5",
        "4.5",
        "-1",
        "1 a 5",
        "4 ou 5",
        "5 pizzas",
        "quero 2",
        "2 de calabresa",
        "um minuto",
        "one moment",
        "mesa 4",
        "às 5",
        "5h",
        "R$ 5",
        "⭐⭐⭐⭐⭐⭐",
        "oi",
        "obrigado",
        "nota",
        "estrelas",
        "5/10",
        "5 de 10",
        "não foi nota 5",
        "5 e uma coca",
    ],
)
def test_whatever_may_be_about_something_else_is_none(text: str | None) -> None:
    assert score_in(text) is None


def test_a_day_after_the_question_a_number_is_only_a_number() -> None:
    asked = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
    assert still_answers(asked, asked + ANSWERED_WITHIN)
    assert not still_answers(asked, asked + ANSWERED_WITHIN + timedelta(microseconds=1))
