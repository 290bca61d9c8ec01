"""A time cut into days or hours by the clock on a wall: a day may have 23 or 25 hours, and an hour is always one."""

from __future__ import annotations

import zoneinfo
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from enum import Enum

from conversation.errors import BadInput
from conversation.said import say

#: No more pieces than these: two years of days, a month of hours.
MOST = 750
_HOUR = timedelta(hours=1)


class By(str, Enum):
    DAY = "day"
    HOUR = "hour"


@dataclass(frozen=True, kw_only=True)
class Stretches:
    """`bounds`: where each piece begins, and at last where all of it ends; the first and the last may be parts only."""

    bounds: Sequence[datetime]

    @property
    def since(self) -> datetime:
        return self.bounds[0]

    @property
    def until(self) -> datetime:
        return self.bounds[-1]

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def index(self, at: datetime) -> int:
        """Which piece this instant is in; what is a little outside, of the nearest."""
        return min(max(bisect_right(self.bounds, at) - 1, 0), len(self) - 1)


def cut(since: datetime, until: datetime, by: By, zone: zoneinfo.ZoneInfo) -> Stretches:
    """In instants of UTC: between these, time is real time."""
    if since >= until:
        raise BadInput(say("`since` must be before `until`."))
    bounds = [since.astimezone(timezone.utc)]
    while bounds[-1] < until:
        if len(bounds) > MOST:
            raise BadInput(say("That is too long: at most {most} days, or hours, at once.", most=MOST))
        following = _next_day(bounds[-1], zone) if by is By.DAY else _next_hour(bounds[-1], zone)
        bounds.append(min(following, until.astimezone(timezone.utc)))
    return Stretches(bounds=tuple(bounds))


def midnight(day: date, zone: zoneinfo.ZoneInfo) -> datetime:
    """When a day begins: its midnight, the first one where it has two, or, where it has none, when the clocks are set
    forward past it."""
    return datetime.combine(day, time(0, 0), zone).astimezone(timezone.utc)


def _next_day(at: datetime, zone: zoneinfo.ZoneInfo) -> datetime:
    day = at.astimezone(zone).date()
    following = midnight(day + timedelta(days=1), zone)
    # A whole day can be left out, where a country moves to the other side of the date line.
    return following if following > at else midnight(day + timedelta(days=2), zone)


def _next_hour(at: datetime, zone: zoneinfo.ZoneInfo) -> datetime:
    shown = at.astimezone(zone)
    return at - timedelta(minutes=shown.minute, seconds=shown.second, microseconds=shown.microsecond) + _HOUR
