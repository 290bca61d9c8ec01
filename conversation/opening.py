"""When there are people: hours by weekday, holidays, in the account's own time zone, right across clock changes."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from conversation.errors import BadInput
from conversation.said import say

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MIDNIGHT = time(0, 0)
_SECOND = timedelta(seconds=1)
#: Nobody is closed for longer than this: then nobody is there at all.
_HORIZON_DAYS = 400


@dataclass(frozen=True, kw_only=True)
class Span:
    """From when until when, on the wall clock of one day; it may end after midnight."""

    opens: time
    closes: time


@dataclass(frozen=True, kw_only=True)
class OpeningHours:
    """`week`: Monday first; None: always open, holidays apart. `holidays`: dates, and (month, day) of every year.

    All instants are aware; an opening begins and ends when the clock on the wall first shows its times or later ones,
    however long that is where clocks change.
    """

    zone: zoneinfo.ZoneInfo
    week: tuple[tuple[Span, ...], ...] | None
    holidays: frozenset[date]
    every_year: frozenset[tuple[int, int]]

    @classmethod
    def read(cls, *, time_zone: str, week: Mapping[str, Sequence[str]] | None, holidays: Sequence[str]) -> OpeningHours:
        """From "America/Sao_Paulo", {"monday": ["09:00-12:00", "13:30-18:00"]}, ["2026-12-25", "01-01"]."""
        dates, yearly = _holidays(holidays)
        return cls(zone=_zone(time_zone), week=_week(week), holidays=dates, every_year=yearly)

    def is_open(self, at: datetime) -> bool:
        return any(opens <= at < closes for opens, closes in self._openings(at, days=1))

    def opens_at(self, at: datetime) -> datetime | None:
        """When it is open from: `at` itself where it is open then; None where it never opens."""
        for opens, closes in self._openings(at, days=_HORIZON_DAYS):
            if at < closes:
                return max(at, opens)
        return None

    def after_open_time(self, start: datetime, seconds: float) -> datetime | None:
        """When it has been open for so long since `start`."""
        left = timedelta(seconds=seconds)
        for opens, closes in self._openings(start, days=_HORIZON_DAYS):
            begins = max(opens, start)
            if closes <= begins:
                continue
            if closes - begins >= left:
                return begins + left
            left -= closes - begins
            start = closes  # what overlaps the next is not counted again
        return None

    def _openings(self, around: datetime, *, days: int) -> Iterator[tuple[datetime, datetime]]:
        """Those from the day before on, which may still run, as instants in UTC: between these, time is real time."""
        first = around.astimezone(self.zone).date() - timedelta(days=1)
        for offset in range(days + 2):
            day = first + timedelta(days=offset)
            if day in self.holidays or (day.month, day.day) in self.every_year:
                continue
            for span in self._spans(day):
                ends = day + timedelta(days=1) if span.closes <= span.opens else day
                opens, closes = self._instant(day, span.opens), self._instant(ends, span.closes)
                if opens < closes:  # one that lies wholly in an hour the clocks leave out is none
                    yield opens, closes

    def _spans(self, day: date) -> Sequence[Span]:
        return (Span(opens=_MIDNIGHT, closes=_MIDNIGHT),) if self.week is None else self.week[day.weekday()]

    def _instant(self, day: date, clock: time) -> datetime:
        """When the clock on the wall first shows this, or, where it is set forward past it, that moment."""
        shown = datetime.combine(day, clock, self.zone)
        instant = shown.astimezone(timezone.utc)
        if instant.astimezone(self.zone).replace(tzinfo=None) == shown.replace(tzinfo=None):
            return instant
        return self._change_between(shown.replace(fold=1).astimezone(timezone.utc), instant)

    def _change_between(self, before: datetime, after: datetime) -> datetime:
        """When the clocks change: they have not yet `before`, and have `after`."""
        new = after.astimezone(self.zone).utcoffset()
        while after - before > _SECOND:
            middle = before + (after - before) // _SECOND // 2 * _SECOND
            changed = middle.astimezone(self.zone).utcoffset() == new
            before, after = (before, middle) if changed else (middle, after)
        return after


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise BadInput(say("{name!r} is not a time zone like America/Sao_Paulo.", name=name)) from fault


def _week(given: Mapping[str, Sequence[str]] | None) -> tuple[tuple[Span, ...], ...] | None:
    if given is None:
        return None
    unknown = sorted(set(given) - set(WEEKDAYS))
    if unknown:
        days = ", ".join(WEEKDAYS)
        raise BadInput(say("{unknown}: hours are given by {days}.", unknown=", ".join(unknown), days=days))
    return tuple(tuple(sorted(map(_span, given.get(day) or ()), key=lambda span: span.opens)) for day in WEEKDAYS)


def _span(text: str) -> Span:
    try:
        opens, closes = (_clock(part.strip()) for part in text.split("-"))
    except ValueError as fault:
        raise BadInput(say('{text!r} is not like "09:00-18:00".', text=text)) from fault
    return Span(opens=opens, closes=closes)


def _clock(text: str) -> time:
    # 24:00 is how many people write the end of a day.
    return _MIDNIGHT if text == "24:00" else datetime.strptime(text, "%H:%M").time()


def _holidays(given: Sequence[str]) -> tuple[frozenset[date], frozenset[tuple[int, int]]]:
    dates, yearly = set(), set()
    for text in given:
        try:
            if len(text) == 5:
                leap = date.fromisoformat(f"2000-{text}")
                yearly.add((leap.month, leap.day))
            else:
                dates.add(date.fromisoformat(text))
        except ValueError as fault:
            raise BadInput(
                say('{text!r} is not a holiday like "2026-12-25" or, every year, "12-25".', text=text)
            ) from fault
    return frozenset(dates), frozenset(yearly)
