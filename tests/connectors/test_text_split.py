"""Text within limits: nothing lost, nothing torn."""

from __future__ import annotations

import regex
from hypothesis import given
from hypothesis import strategies as st

from connectors.text import in_bytes, shorten, split

FAMILY = "👨‍👩‍👧‍👦"
PIECES = ["a", "é", "e\u0301", ".", " ", "\n", "😀", FAMILY, "🇧🇷", "ção", "! "]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=80).map("".join)


def words(text: str) -> str:
    return "".join(text.split())


def test_what_fits_stays_one_piece_with_its_white_space() -> None:
    text = "  Menu:\n\n  - pizza\n  - suco  "
    assert split(text, len(text)) == [text]


def test_paragraphs_that_fit_are_not_torn_apart() -> None:
    assert split("One.\n\nTwo.\n\nThree.", 4096) == ["One.\n\nTwo.\n\nThree."]


def test_a_long_text_is_cut_after_a_sentence() -> None:
    text = "Abrimos às dez. Fechamos às onze da noite. Entregamos no centro."
    assert split(text, 50) == ["Abrimos às dez. Fechamos às onze da noite.", "Entregamos no centro."]


def test_without_a_sentence_it_is_cut_after_a_word() -> None:
    assert split("abacaxi banana caju damasco", 15) == ["abacaxi banana", "caju damasco"]


def test_a_sentence_right_at_the_limit_is_not_pushed_back() -> None:
    assert split("abcdefgh. ijkl mnop", 9) == ["abcdefgh.", "ijkl mnop"]


def test_a_price_is_not_the_end_of_a_sentence() -> None:
    assert split("O total da compra é R$ 10.50 hoje", 30) == ["O total da compra é R$ 10.50", "hoje"]


def test_one_long_word_is_cut_between_characters() -> None:
    assert split("a" * 10, 4) == ["aaaa", "aaaa", "aa"]


def test_a_character_of_several_parts_stays_whole() -> None:
    assert split("abc" + FAMILY + "d", 8) == ["abc", FAMILY + "d"]
    assert split("🇧🇷🇵🇹🇧🇷", 5) == ["🇧🇷🇵🇹", "🇧🇷"]


def test_bytes_can_be_what_counts() -> None:
    assert split("ção ção ção", 11, in_bytes) == ["ção ção", "ção"]


def test_nothing_to_say_is_no_piece() -> None:
    assert split("", 10) == [] and split(" \n ", 10) == [] and split(" " * 50, 10) == []


@given(TEXTS, st.integers(min_value=25, max_value=60), st.sampled_from([len, in_bytes]))
def test_pieces_are_within_the_limit_whole_and_complete(text: str, limit: int, size) -> None:  # type: ignore[no-untyped-def]
    pieces = split(text, limit, size)
    assert all(0 < size(piece) <= limit and piece.strip() for piece in pieces)
    assert words("".join(pieces)) == words(text)
    whole = [g for g in regex.findall(r"\X", text) if g.strip()]
    assert [g for piece in pieces for g in regex.findall(r"\X", piece) if g.strip()] == whole


@given(st.text(max_size=60), st.integers(min_value=4, max_value=8), st.sampled_from([len, in_bytes]))
def test_even_absurd_text_comes_to_an_end(text: str, limit: int, size) -> None:  # type: ignore[no-untyped-def]
    pieces = split(text, limit, size)
    assert words("".join(pieces)) == words(text)
    assert all(size(piece) <= limit for piece in pieces)


def test_a_shortened_text_says_so() -> None:
    assert shorten("Calabresa", 9) == "Calabresa"
    assert shorten("Calabresa com catupiry", 12) == "Calabresa c…"
    assert shorten("Pizza " + FAMILY, 9) == "Pizza…"
