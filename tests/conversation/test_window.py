"""The time in which WhatsApp lets us write freely."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from connectors.graph_errors import Fault, rule_for
from conversation import window

WROTE = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
MOMENT = timedelta(microseconds=1)


def test_it_is_open_for_a_day_and_not_a_moment_longer() -> None:
    closes = window.closes_at(WROTE)
    assert closes == WROTE + timedelta(hours=24)
    assert window.is_open(WROTE, closes - MOMENT)
    assert not window.is_open(WROTE, closes)


def test_who_never_wrote_has_none() -> None:
    assert window.closes_at(None) is None
    assert not window.is_open(None, WROTE)
    assert window.time_left(None, WROTE) == timedelta()


def test_what_is_left_of_it_never_is_less_than_nothing() -> None:
    assert window.time_left(WROTE, WROTE + timedelta(hours=20)) == timedelta(hours=4)
    assert window.time_left(WROTE, WROTE + timedelta(hours=30)) == timedelta()


def test_the_rule_that_is_named_is_the_one_by_which_meta_refuses() -> None:
    assert rule_for(window.OUTSIDE.error_code).fault is Fault.WINDOW
    for words in window.OUTSIDE.words.values():
        assert str(window.OUTSIDE.error_code) in words
    assert set(window.OUTSIDE.words) == {"pt", "en"}
