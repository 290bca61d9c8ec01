"""When somebody is not to be disturbed, on the wall clock of their own time zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from conversation.errors import BadInput
from conversation.opening import WEEKDAYS, OpeningHours
from conversation.said import say

_DAY = 24 * 60


@dataclass(frozen=True, kw_only=True)
class QuietHours:
    """Kept as its opposite, the hours in which one may be told."""

    awake: OpeningHours

    @classmethod
    def read(cls, *, time_zone: str, hours: Sequence[str], days: Sequence[str] = ()) -> QuietHours:
        """From "America/Sao_Paulo", ["22:00-07:00"], ["sunday"]; `BadInput` where they leave no time at all."""
        unknown = sorted(set(days) - set(WEEKDAYS))
        if unknown:
            known = ", ".join(WEEKDAYS)
            raise BadInput(say("{unknown}: quiet days are some of {days}.", unknown=", ".join(unknown), days=known))
        awake = _rest_of_day(hours)
        week = {day: awake for day in WEEKDAYS if day not in days}
        if not awake or not week:
            raise BadInput(say("With these quiet hours nobody would ever be told; switch the rule off instead."))
        return cls(awake=OpeningHours.read(time_zone=time_zone, week=week, holidays=()))

    def over(self, at: datetime) -> datetime:
        """`at` itself where it is not quiet then, else when that is over."""
        return self.awake.opens_at(at) or at


def _rest_of_day(hours: Sequence[str]) -> list[str]:
    """The day without these hours: from ["22:00-07:00"], ["07:00-22:00"]."""
    quiet = [False] * _DAY
    for text in hours:
        begins, ends = _minutes(text)
        for minute in range(begins, ends if begins < ends else ends + _DAY):
            quiet[minute % _DAY] = True
    edges = [minute for minute in range(_DAY + 1) if _awake(quiet, minute) != _awake(quiet, minute - 1)]
    return [f"{_clock(begins)}-{_clock(ends)}" for begins, ends in zip(edges[::2], edges[1::2], strict=True)]


def _awake(quiet: Sequence[bool], minute: int) -> bool:
    return 0 <= minute < _DAY and not quiet[minute]


def _minutes(text: str) -> tuple[int, int]:
    try:
        begins, ends = (datetime.strptime(part.strip(), "%H:%M") for part in text.replace("24:00", "00:00").split("-"))
    except ValueError as fault:
        raise BadInput(say('{text!r} is not like "22:00-07:00".', text=text)) from fault
    return begins.hour * 60 + begins.minute, ends.hour * 60 + ends.minute


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
