"""Opening hours against a calendar walked minute by minute, above all where the clocks change."""

from __future__ import annotations

import bisect
import itertools
import random
import zoneinfo
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache

import pytest

from conversation.errors import BadInput
from conversation.opening import WEEKDAYS, OpeningHours

UTC = timezone.utc
MINUTE = timedelta(minutes=1)
SAO_PAULO, NEW_YORK, LISBON = "America/Sao_Paulo", "America/New_York", "Europe/Lisbon"
#: A day in the middle of each: ten days around it are walked.
CHANGES = {
    "São Paulo loses its midnight": (SAO_PAULO, date(2018, 11, 4)),  # 00:00 became 01:00
    "São Paulo has 23:00 twice": (SAO_PAULO, date(2018, 2, 17)),
    "São Paulo, which changes no more": (SAO_PAULO, date(2026, 11, 1)),
    "New York loses 02:00": (NEW_YORK, date(2026, 3, 8)),
    "New York has 01:00 twice": (NEW_YORK, date(2026, 11, 1)),
    "Lisbon loses 01:00": (LISBON, date(2026, 3, 29)),
    "Lisbon has 01:00 twice": (LISBON, date(2026, 10, 25)),
}
on_each_change = pytest.mark.parametrize(("zone", "middle"), CHANGES.values(), ids=CHANGES.keys())


@lru_cache
def walked(zone: str, middle: date) -> tuple[list[datetime], list[datetime]]:
    """Each minute, and the latest time that the clock on the wall has shown by then."""
    start = datetime.combine(middle - timedelta(days=5), time(12), UTC)
    minutes = [start + each * MINUTE for each in range(10 * 24 * 60)]
    shown = (each.astimezone(zoneinfo.ZoneInfo(zone)).replace(tzinfo=None) for each in minutes)
    return minutes, list(itertools.accumulate(shown, max))


class Calendar:
    """Every minute of ten days with what the clock on the wall shows; open between the first that shows each time."""

    def __init__(self, zone: str, middle: date, week: Sequence[Sequence[str]], holidays: Sequence[date]) -> None:
        self.minutes, self._latest_shown = walked(zone, middle)
        self.open = [False] * len(self.minutes)
        for offset in range(-6, 6):
            day = middle + timedelta(days=offset)
            for span in [] if day in holidays else week[day.weekday()]:
                opens, closes = (datetime.combine(day, time.fromisoformat(part)) for part in span.split("-"))
                if closes <= opens:
                    closes += timedelta(days=1)
                for each in range(self._first(opens), self._first(closes)):
                    self.open[each] = True

    def _first(self, shown: datetime) -> int:
        return bisect.bisect_left(self._latest_shown, shown)

    def opens_at(self, index: int) -> datetime | None:
        return next((self.minutes[each] for each in range(index, len(self.minutes)) if self.open[each]), None)

    def after_open_minutes(self, index: int, minutes: int) -> datetime | None:
        """The end of the so-manieth open minute from there on."""
        for each in range(index, len(self.minutes)):
            minutes -= self.open[each]
            if minutes == 0:
                return self.minutes[each] + MINUTE
        return None


def some_week(chance: random.Random) -> list[list[str]]:
    """Spans of any kind: past midnight, touching, overlapping, whole days, at the hours in which clocks change."""
    hours = ["00:00", "00:30", "01:00", "01:30", "02:00", "02:30", "03:00", "09:00", "12:00", "18:00", "23:00", "23:30"]
    return [[f"{chance.choice(hours)}-{chance.choice(hours)}" for _ in range(chance.randrange(3))] for _ in WEEKDAYS]


def hours(zone: str, week: Sequence[Sequence[str]] | None, *holidays: str) -> OpeningHours:
    days = None if week is None else dict(zip(WEEKDAYS, week, strict=True))
    return OpeningHours.read(time_zone=zone, week=days, holidays=holidays)


def every_day(*spans: str) -> list[Sequence[str]]:
    return [spans] * 7


def local(zone: str, text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone), fold=fold).astimezone(UTC)


@on_each_change
@pytest.mark.parametrize("seed", range(12))
def test_it_agrees_with_a_calendar_walked_minute_by_minute(zone: str, middle: date, seed: int) -> None:
    chance = random.Random(f"{zone} {middle} {seed}")
    week = some_week(chance)
    holidays = [middle + timedelta(days=chance.randrange(-3, 4)) for _ in range(chance.randrange(3))]
    calendar = Calendar(zone, middle, week, holidays)
    shop = hours(zone, week, *map(str, holidays))
    # The calendar's first day is not whole: what was opened before it is not known there.
    for index in [*chance.sample(range(2 * 1440, 8 * 1440), 60), *range(4 * 1440, 6 * 1440, 30)]:
        at = calendar.minutes[index]
        assert shop.is_open(at) is calendar.open[index], at
        opens = calendar.opens_at(index)
        assert opens is None or shop.opens_at(at) == opens, at
        minutes = chance.randrange(1, 2_000)
        until = calendar.after_open_minutes(index, minutes)
        assert until is None or shop.after_open_time(at, minutes * 60) == until, (at, minutes)


class TestWhereTheClocksChange:
    def test_an_hour_that_is_left_out_opens_as_soon_as_the_clock_has_passed_it(self) -> None:
        bar = hours(NEW_YORK, every_day("02:30-05:00"))
        assert bar.opens_at(local(NEW_YORK, "2026-03-08 01:00")) == local(NEW_YORK, "2026-03-08 03:00")

    def test_and_closes_likewise_where_midnight_is_left_out(self) -> None:
        bar = hours(SAO_PAULO, every_day("18:00-00:30"))
        assert bar.is_open(local(SAO_PAULO, "2018-11-03 23:59"))
        assert not bar.is_open(local(SAO_PAULO, "2018-11-04 01:00"))

    def test_a_span_within_the_hour_that_is_left_out_is_none(self) -> None:
        bar = hours(LISBON, every_day("01:10-01:50"))
        assert bar.opens_at(local(LISBON, "2026-03-29 00:30")) == local(LISBON, "2026-03-30 01:10")

    def test_an_hour_that_comes_twice_opens_and_closes_the_first_time(self) -> None:
        bar = hours(NEW_YORK, every_day("01:15-01:45"))
        assert bar.is_open(local(NEW_YORK, "2026-11-01 01:30", fold=0))
        assert not bar.is_open(local(NEW_YORK, "2026-11-01 01:30", fold=1))

    @pytest.mark.parametrize(
        ("zone", "eve", "real_hours"),
        [
            (NEW_YORK, "2026-03-07 22:00", 5),
            (NEW_YORK, "2026-10-31 22:00", 7),
            (NEW_YORK, "2026-06-06 22:00", 6),
            (SAO_PAULO, "2018-11-03 22:00", 5),
            (SAO_PAULO, "2018-02-17 22:00", 7),
        ],
    )
    def test_a_night_is_an_hour_shorter_or_longer_and_open_time_is_real_time(
        self, zone: str, eve: str, real_hours: int
    ) -> None:
        bar, opens = hours(zone, every_day("22:00-04:00")), local(zone, eve)
        closes = opens + timedelta(hours=real_hours)
        assert bar.is_open(closes - MINUTE) and not bar.is_open(closes)
        assert bar.after_open_time(opens, real_hours * 3600) == closes

    def test_who_never_closes_never_closes(self) -> None:
        always = hours(SAO_PAULO, None)
        start = local(SAO_PAULO, "2018-11-03 12:00")
        assert all(always.is_open(start + each * MINUTE) for each in range(24 * 60))
        assert always.after_open_time(start, 86_400) == start + timedelta(hours=24)


class TestHolidays:
    WEEK = every_day("09:00-18:00")

    def test_a_date_is_closed_once_and_a_day_of_the_year_every_year(self) -> None:
        shop = hours(SAO_PAULO, self.WEEK, "2026-06-04", "12-25")
        assert not shop.is_open(local(SAO_PAULO, "2026-06-04 10:00"))
        assert shop.is_open(local(SAO_PAULO, "2027-06-04 10:00"))
        for year in (2026, 2027):
            assert not shop.is_open(local(SAO_PAULO, f"{year}-12-25 10:00"))

    def test_it_opens_on_the_day_after(self) -> None:
        shop = hours(SAO_PAULO, self.WEEK, "2026-12-24", "12-25")
        assert shop.opens_at(local(SAO_PAULO, "2026-12-23 19:00")) == local(SAO_PAULO, "2026-12-26 09:00")

    def test_the_night_before_ends_as_it_always_does_and_the_holidays_own_night_is_none(self) -> None:
        bar = hours(SAO_PAULO, every_day("20:00-03:00"), "2026-12-25")
        assert bar.is_open(local(SAO_PAULO, "2026-12-25 02:59"))
        assert not bar.is_open(local(SAO_PAULO, "2026-12-25 21:00"))
        assert not bar.is_open(local(SAO_PAULO, "2026-12-26 01:00"))

    def test_a_leap_day_comes_every_four_years(self) -> None:
        shop = hours(SAO_PAULO, None, "02-29")
        assert not shop.is_open(local(SAO_PAULO, "2028-02-29 10:00"))
        assert shop.is_open(local(SAO_PAULO, "2027-03-01 10:00"))

    def test_it_is_the_shops_day_and_not_greenwichs(self) -> None:
        shop = hours(SAO_PAULO, None, "2026-12-25")
        assert shop.is_open(datetime(2026, 12, 25, 2, 59, tzinfo=UTC))
        assert not shop.is_open(datetime(2026, 12, 26, 2, 59, tzinfo=UTC))


class TestTime:
    WEEK = every_day("09:00-12:00", "13:00-18:00")

    def test_while_open_it_opens_now_and_at_closing_time_it_is_closed(self) -> None:
        shop = hours(SAO_PAULO, self.WEEK)
        assert shop.opens_at(local(SAO_PAULO, "2026-03-02 10:00")) == local(SAO_PAULO, "2026-03-02 10:00")
        assert shop.is_open(local(SAO_PAULO, "2026-03-02 09:00"))
        assert not shop.is_open(local(SAO_PAULO, "2026-03-02 12:00"))

    def test_open_time_stands_still_at_noon_and_at_night(self) -> None:
        shop = hours(SAO_PAULO, self.WEEK)
        start = local(SAO_PAULO, "2026-03-02 17:00")
        assert shop.after_open_time(start, 3 * 3600) == local(SAO_PAULO, "2026-03-03 11:00")
        assert shop.after_open_time(start, 5 * 3600) == local(SAO_PAULO, "2026-03-03 14:00")

    def test_spans_that_overlap_are_not_counted_twice(self) -> None:
        shop = hours(SAO_PAULO, every_day("09:00-15:00", "12:00-18:00"))
        start = local(SAO_PAULO, "2026-03-02 09:00")
        assert shop.after_open_time(start, 8 * 3600) == local(SAO_PAULO, "2026-03-02 17:00")

    def test_who_never_opens_never_opens(self) -> None:
        shop = hours(SAO_PAULO, [()] * 7)
        assert shop.opens_at(local(SAO_PAULO, "2026-03-02 10:00")) is None
        assert shop.after_open_time(local(SAO_PAULO, "2026-03-02 10:00"), 60) is None

    def test_midnight_may_be_written_as_24(self) -> None:
        shop = hours(SAO_PAULO, every_day("18:00-24:00"))
        assert shop.is_open(local(SAO_PAULO, "2026-03-02 23:59"))
        assert not shop.is_open(local(SAO_PAULO, "2026-03-03 00:00"))


class TestWhatCanNotBeRead:
    @pytest.mark.parametrize("zone", ["Brazil", "", "../etc/passwd", "America/Sao Paulo", "America"])
    def test_a_zone(self, zone: str) -> None:
        with pytest.raises(BadInput, match="time zone"):
            hours(zone, None)

    @pytest.mark.parametrize("span", ["9", "09:00", "09:00-25:00", "a-b", "09:00-10:00-11:00", ""])
    def test_hours(self, span: str) -> None:
        with pytest.raises(BadInput, match="09:00-18:00"):
            hours(SAO_PAULO, every_day(span))

    @pytest.mark.parametrize("holiday", ["25/12", "13-01", "2026-02-30", "natal", ""])
    def test_a_holiday(self, holiday: str) -> None:
        with pytest.raises(BadInput, match="holiday"):
            hours(SAO_PAULO, None, holiday)

    def test_a_day(self) -> None:
        with pytest.raises(BadInput, match="segunda"):
            OpeningHours.read(time_zone=SAO_PAULO, week={"segunda": ["09:00-18:00"]}, holidays=[])
