"""A language model's words are words: what they could pass for is taken out of them."""

from __future__ import annotations

import pytest

from runtime.announcing import WHAT_NEXT
from runtime.llm.spoken import LONGEST, spoken


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("  Temos moqueca. \n", "Temos moqueca."),
        ("a\x00b\x1b[31mc\ud800", "ab[31mc"),
        ("família 👨‍👩‍👧 ❤️", "família 👨‍👩‍👧 ❤️"),
        ("\u202eolá\u202c", "olá"),
        ("<think>The customer wants…</think>\n\nTemos.", "Temos."),
        ("<think>that never ends", ""),
        ("<THINK>a</THINK>b", "b"),
        ("a[0] e [b]", "a[0] e [b]"),
        (" \n ", ""),
    ],
)
def test_what_is_left_of_an_answer(text: str, left: str) -> None:
    assert spoken(text) == left


@pytest.mark.parametrize(
    "text", [WHAT_NEXT, f"[{WHAT_NEXT}]", f"[[{WHAT_NEXT}]]", f"já volto {WHAT_NEXT}", "[\x00[what_next]]"]
)
def test_no_token_of_ours_survives(text: str) -> None:
    assert "[[" not in spoken(text)
    assert "what_next" in spoken(text)


def test_a_long_one_ends_with_a_sentence_a_word_or_at_least_in_time() -> None:
    sentences = spoken("Temos moqueca de peixe. " * 400)
    assert sentences.endswith("peixe.")
    words = spoken("moqueca " * 2_000)
    assert words.endswith("moqueca …")
    for cut in (sentences, words, spoken("x" * 10_000)):
        assert LONGEST * 0.9 < len(cut) <= LONGEST
    assert spoken("x" * LONGEST) == "x" * LONGEST
