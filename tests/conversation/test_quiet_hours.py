"""Nobody is disturbed in their quiet hours, and everybody is told when these are over."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conversation.errors import BadInput
from conversation.opening import WEEKDAYS
from conversation.quiet_hours import QuietHours

SAO_PAULO, NEW_YORK = ZoneInfo("America/Sao_Paulo"), ZoneInfo("America/New_York")
MINUTES = st.integers(0, 24 * 60 - 1)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(timezone.utc))


def quiet(*hours: str, days: tuple[str, ...] = (), zone: str = "America/Sao_Paulo") -> QuietHours:
    return QuietHours.read(time_zone=zone, hours=hours, days=days)


def at(text: str, zone: ZoneInfo = SAO_PAULO) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("2026-03-02T21:59", "2026-03-02T21:59"),
        ("2026-03-02T22:00", "2026-03-03T07:00"),
        ("2026-03-03T03:00", "2026-03-03T07:00"),
        ("2026-03-03T06:59", "2026-03-03T07:00"),
        ("2026-03-03T07:00", "2026-03-03T07:00"),
    ],
)
def test_a_night_is_slept_through(now: str, told: str) -> None:
    assert quiet("22:00-07:00").over(at(now)) == at(told)


def test_a_quiet_day_goes_over_into_the_night_after_it() -> None:
    saturday_night, monday_morning = at("2026-03-07T23:00"), at("2026-03-09T07:00")
    assert quiet("22:00-07:00", days=("sunday",)).over(saturday_night) == monday_morning


def test_without_any_it_is_never_quiet() -> None:
    assert quiet().over(at("2026-03-03T03:00")) == at("2026-03-03T03:00")


def test_it_ends_by_the_wall_clock_where_the_clocks_change_in_the_night() -> None:
    before = at("2026-03-07T22:00", NEW_YORK)  # 2026-03-08 has no 02:30 there
    over = quiet("22:00-07:00", zone="America/New_York").over(before)
    assert over == at("2026-03-08T07:00", NEW_YORK)
    assert over - before.astimezone(timezone.utc) == timedelta(hours=8)


@given(INSTANTS, st.lists(st.tuples(MINUTES, MINUTES), max_size=3), st.sets(st.sampled_from(WEEKDAYS), max_size=3))
def test_it_is_the_first_minute_that_no_span_holds(now: datetime, spans: list[tuple[int, int]], days: set[str]) -> None:
    now = now.replace(second=0, microsecond=0)
    asleep = {minute for begins, ends in spans for minute in _minutes(begins, ends)}
    hours = [f"{begins // 60:02}:{begins % 60:02}-{ends // 60:02}:{ends % 60:02}" for begins, ends in spans]
    if len(asleep) == 24 * 60:
        return
    told = quiet(*hours, days=tuple(sorted(days)), zone="UTC").over(now)
    while WEEKDAYS[now.weekday()] in days or now.hour * 60 + now.minute in asleep:
        now += timedelta(minutes=1)
    assert told == now


def _minutes(begins: int, ends: int) -> set[int]:
    return {minute % (24 * 60) for minute in range(begins, ends if begins < ends else ends + 24 * 60)}


@pytest.mark.parametrize("hours", ["22-7", "25:00-07:00", "", "22:00", "22:00-07:00-09:00"])
def test_what_is_no_span_is_said(hours: str) -> None:
    with pytest.raises(BadInput, match="is not like"):
        quiet(hours)


@pytest.mark.parametrize(("hours", "days"), [("00:00-24:00", ()), ("22:00-07:00", WEEKDAYS)])
def test_who_would_never_be_told_is_told_that(hours: str, days: tuple[str, ...]) -> None:
    with pytest.raises(BadInput, match="nobody would ever be told"):
        quiet(hours, days=days)


def test_a_day_or_a_zone_that_there_is_not_is_said() -> None:
    with pytest.raises(BadInput, match="domingo: quiet days are some of monday"):
        quiet(days=("domingo",))
    with pytest.raises(BadInput, match="not a time zone"):
        quiet(zone="Cantina")
