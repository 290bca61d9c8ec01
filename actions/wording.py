"""The few words that no response can hold: names of days, and which language a conversation is in."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rasa_sdk import Tracker

from actions.opening_hours import Opening

DEFAULT_LANGUAGE = "pt"
DAYS = {
    "pt": ("segunda", "terça", "quarta", "quinta", "sexta", "sábado", "domingo"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
CLOSED = {"pt": "fechado", "en": "closed"}


def language_of(tracker: Tracker) -> str:
    language = tracker.get_slot("language")
    return language if language in DAYS else DEFAULT_LANGUAGE


def day_name(weekday: int, language: str) -> str:
    return DAYS[language][weekday]


def hours_of_day(openings: Sequence[Opening], language: str) -> str:
    return ", ".join(map(str, openings)) or CLOSED[language]


def hours_of_week(hours: Sequence[Sequence[Opening]], language: str) -> str:
    """One line for each run of days with the same hours."""
    lines = []
    for openings, run in groupby(range(len(hours)), key=lambda day: tuple(hours[day])):
        days = list(run)
        names = [day_name(days[0], language), day_name(days[-1], language)][: len(days)]
        lines.append(f"{'–'.join(names)}: {hours_of_day(openings, language)}")
    return "\n".join(lines)
