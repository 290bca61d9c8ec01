"""Days and hours by a clock on a wall, where clocks are set."""

from __future__ import annotations

import zoneinfo
from datetime import datetime, timedelta, timezone

import pytest

from conversation.errors import BadInput
from conversation.stretches import MOST, By, Stretches, cut

NEW_YORK, SAO_PAULO, LORD_HOWE, APIA = [
    zoneinfo.ZoneInfo(name) for name in ("America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Pacific/Apia")
]


def days(zone: zoneinfo.ZoneInfo, since: str, until: str, by: By = By.DAY) -> Stretches:
    first, last = [datetime.fromisoformat(text).replace(tzinfo=zone) for text in (since, until)]
    return cut(first, last, by, zone)


def hours_of(found: Stretches) -> list[float]:
    return [(b - a) / timedelta(hours=1) for a, b in zip(found.bounds, found.bounds[1:], strict=False)]


def test_the_day_on_which_clocks_go_forward_has_23_hours_and_the_other_25() -> None:
    assert hours_of(days(NEW_YORK, "2026-03-07", "2026-03-10")) == [24, 23, 24]
    assert hours_of(days(NEW_YORK, "2026-10-31", "2026-11-03")) == [24, 25, 24]


def test_a_day_without_a_midnight_begins_when_the_clock_has_passed_it() -> None:
    found = days(SAO_PAULO, "2018-11-03", "2018-11-06")  # at midnight it was one o'clock
    assert hours_of(found) == [24, 23, 24]
    assert found.bounds[1] == datetime(2018, 11, 4, 3, tzinfo=timezone.utc)


def test_a_day_that_a_country_left_out_is_no_piece() -> None:
    assert len(days(APIA, "2011-12-29", "2012-01-01")) == 2  # there was no 30th


def test_an_hour_is_an_hour_whatever_the_clocks_do() -> None:
    assert hours_of(days(NEW_YORK, "2026-11-01", "2026-11-02", By.HOUR)) == [1] * 25
    assert sum(hours_of(days(LORD_HOWE, "2026-10-03", "2026-10-05", By.HOUR))) == 47.5


def test_the_first_and_the_last_may_be_parts() -> None:
    found = cut(
        datetime(2026, 3, 2, 18, 30, tzinfo=timezone.utc),
        datetime(2026, 3, 3, 9, tzinfo=timezone.utc),
        By.DAY,
        SAO_PAULO,
    )
    assert hours_of(found) == [8.5, 6]


def test_an_instant_is_in_the_piece_that_begins_with_it_and_not_in_the_one_before() -> None:
    found = days(SAO_PAULO, "2026-03-01", "2026-03-04")
    for number, bound in enumerate(found.bounds[:-1]):
        assert found.index(bound) == number
        assert found.index(bound - timedelta(microseconds=1)) == max(number - 1, 0)
    assert found.index(found.until + timedelta(days=9)) == 2


@pytest.mark.parametrize(("since", "until"), [("2026-03-01", "2026-03-01"), ("2026-03-02", "2026-03-01")])
def test_no_time_at_all_is_refused(since: str, until: str) -> None:
    with pytest.raises(BadInput):
        days(SAO_PAULO, since, until)


def test_so_is_one_of_too_many_pieces() -> None:
    assert len(days(NEW_YORK, "2024-01-01", "2025-12-31")) == 730 <= MOST
    with pytest.raises(BadInput):
        days(NEW_YORK, "2024-01-01", "2026-12-31")
