"""How a word may stand written somewhere else."""

from __future__ import annotations

import json

import pytest

from conversation.spelling import spellings


@pytest.mark.parametrize(
    "written",
    ["5511988887777", "55 11 98888-7777", "(11) 98888-7777", "11988887777", "551188887777", "55 (11) 8888-7777"],
)
@pytest.mark.parametrize("word", ["5511988887777", "+5511988887777", "551188887777"])
def test_a_brazilian_number_is_found_as_people_write_it_with_the_ninth_digit_or_without(
    word: str, written: str
) -> None:
    assert written in spellings(word)


def test_another_number_is_looked_for_as_it_is() -> None:
    assert spellings("+351912345678") == ["+351912345678", "351912345678"]


def test_words_are_found_in_json_that_escapes_them() -> None:
    for ascii in (True, False):
        stored = json.dumps({"text": 'disse "olá"\ne foi'}, ensure_ascii=ascii)
        assert any(each in stored for each in spellings('disse "olá"\ne foi'))
