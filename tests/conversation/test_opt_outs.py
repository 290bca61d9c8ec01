"""Which words say that somebody wants nothing unasked, and what they may be sent then."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from conversation import opt_outs
from conversation.opt_outs import By, Wish

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    "text",
    [
        *("STOP", "stop.", " Stop! ", "*PARAR*", "Pare", "sair", "Não quero receber"),
        *("unsubscribe", "Opt-out", "Parar promoções", "nao quero  mais receber promoções!", "PARAR 🛑"),
    ],
)
def test_words_that_say_so_alone_in_a_message_however_they_are_written(text: str) -> None:
    assert opt_outs.wish_in(text) is Wish.OUT


@pytest.mark.parametrize("text", ["START", "quero receber", "Voltar a receber.", "Unstop"])
def test_words_that_take_it_back(text: str) -> None:
    assert opt_outs.wish_in(text) is Wish.BACK


@pytest.mark.parametrize(
    "text",
    [
        *("cancelar", "Cancel", "end", "fim", "voltar", "quit", "não", "quero parar de fumar", "where do I stop?"),
        *("", None, "pare de mandar feijoada sem farofa, por favor, já pedi"),
    ],
)
def test_what_customers_say_of_orders_and_menus_is_none(text: str | None) -> None:
    assert opt_outs.wish_in(text) is None


def test_a_long_text_is_not_even_looked_at() -> None:
    assert opt_outs.wish_in("stop" + " " * opt_outs.LONGEST) is None
    assert max(map(len, opt_outs._WORDS)) <= opt_outs.LONGEST


@pytest.mark.parametrize(
    ("by", "category", "window_open", "kept_back"),
    [
        *((by, "MARKETING", is_open, True) for by in By for is_open in (True, False)),
        *((by, None, is_open, True) for by in By for is_open in (True, False)),
        *((by, "AUTHENTICATION", False, False) for by in By),
        (By.WORDS, "UTILITY", False, True),
        (By.WORDS, "UTILITY", True, False),
        (By.OPERATOR, "UTILITY", False, True),
        (By.PREFERENCE, "UTILITY", False, False),
        (By.REFUSAL, "UTILITY", False, False),
    ],
)
def test_what_is_kept_back(by: By, category: str | None, window_open: bool, kept_back: bool) -> None:
    assert opt_outs.is_kept_back(by, category, window_open=window_open) is kept_back


def test_what_was_said_before_does_not_take_back_what_was_said_after() -> None:
    assert opt_outs.may_change(NOW, NOW + timedelta(seconds=1))
    assert not opt_outs.may_change(NOW, NOW - timedelta(seconds=1))
