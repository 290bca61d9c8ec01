"""Who took part and when, as the log of who answers tells it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from conversation.participants import Stretch, stretches

START = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def line(minute: int, after: str, owners: tuple[str | None, str | None], status: str = "open") -> dict[str, Any]:
    return {
        "at": at(minute),
        "after": after,
        "status_after": status,
        "owner_before": owners[0],
        "owner_after": owners[1],
    }


def test_the_assistant_alone_is_there_from_the_beginning() -> None:
    found = stretches(START, [])
    assert found.assistant == [Stretch(since=START)] and not found.people


def test_a_person_stands_in_for_the_assistant_while_it_is_theirs() -> None:
    log = [
        line(1, "pending", (None, None)),
        line(2, "human", (None, "ana")),
        line(5, "human", ("ana", "ben")),
        line(9, "bot", ("ben", None)),
        line(11, "human", (None, "ana")),
    ]
    found = stretches(START, log)
    assert found.assistant == [Stretch(since=START, until=at(2)), Stretch(since=at(9), until=at(11))]
    assert dict(found.people) == {
        "ana": [Stretch(since=at(2), until=at(5)), Stretch(since=at(11))],
        "ben": [Stretch(since=at(5), until=at(9))],
    }


def test_what_is_closed_has_nobody_until_it_is_opened() -> None:
    log = [line(2, "human", (None, "ana")), line(3, "bot", ("ana", None), "closed"), line(8, "bot", (None, None))]
    found = stretches(START, log)
    assert found.assistant == [Stretch(since=START, until=at(2)), Stretch(since=at(8))]
    assert found.people["ana"] == [Stretch(since=at(2), until=at(3))]
