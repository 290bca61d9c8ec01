"""Opening hours by weekday: whether a shop is open at a moment, and when that changes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MIDNIGHT = time(0, 0)


@dataclass(frozen=True, kw_only=True)
class Opening:
    """From when until when, on one day; it may end after midnight."""

    opens: time
    closes: time

    def __str__(self) -> str:
        closes = f"{self.closes:%H:%M}" if self.closes != MIDNIGHT else "24:00"
        return f"{self.opens:%H:%M}–{closes}"


@dataclass(frozen=True, kw_only=True)
class Span:
    """An opening on a certain date, in the shop's own time."""

    opens: datetime
    closes: datetime


def openings_of(texts: Iterable[str]) -> tuple[Opening, ...]:
    """Read a day's "HH:MM-HH:MM" texts, in order."""
    if isinstance(texts, str):
        raise ValueError("a day's hours are a list")
    openings = []
    for text in texts:
        opens, closes = text.split("-")
        openings.append(Opening(opens=clock_time(opens), closes=clock_time(closes)))
    return tuple(sorted(openings, key=lambda opening: opening.opens))


def clock_time(text: str) -> time:
    # 24:00 is how many people write the end of a day.
    return MIDNIGHT if text.strip() == "24:00" else datetime.strptime(text.strip(), "%H:%M").time()


def current_span(hours: Sequence[Sequence[Opening]], now: datetime) -> Span | None:
    """The span the shop is open in now, if it is; yesterday's may still run after midnight."""
    today = now.date()
    for span in spans(hours, today - timedelta(days=1), days=2):
        if span.opens <= now.replace(tzinfo=None) < span.closes:
            return span
    return None


def next_opening(hours: Sequence[Sequence[Opening]], now: datetime) -> datetime | None:
    """When the shop opens next, within a week from now."""
    for span in spans(hours, now.date(), days=8):
        if span.opens > now.replace(tzinfo=None):
            return span.opens
    return None


def spans(hours: Sequence[Sequence[Opening]], first: date, *, days: int) -> Iterator[Span]:
    for offset in range(days):
        day = first + timedelta(days=offset)
        for opening in hours[day.weekday()]:
            opens = datetime.combine(day, opening.opens)
            closes = datetime.combine(day, opening.closes)
            yield Span(opens=opens, closes=closes if closes > opens else closes + timedelta(days=1))
