"""Open now or not, in the shop's own time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.answer_hours import AnswerHours
from tests.actions.given import make_tracker

# In 2026 the 23rd of November is a Monday; São Paulo is three hours behind UTC.
MONDAY_NOON, TUESDAY_NOON = "2026-11-23T15:00", "2026-11-24T15:00"


def answer(now: str, dispatcher: CollectingDispatcher, **tracker: Any) -> dict[str, Any]:
    action = AnswerHours(now=lambda: datetime.fromisoformat(now).replace(tzinfo=timezone.utc))
    action.run(dispatcher, make_tracker(**tracker), {})
    (message,) = dispatcher.messages
    return dict(message)


@pytest.fixture(autouse=True)
def sample_shop(shop_file: Callable[..., Path]) -> None:
    shop_file()


def test_open_says_until_when(dispatcher: CollectingDispatcher) -> None:
    told = answer(TUESDAY_NOON, dispatcher)

    assert told["response"] == "utter_hours_open"
    assert told["closes"] == "15:00"
    assert told["today"] == "11:30–15:00, 18:00–22:30"


def test_between_two_spans_it_opens_later_today(dispatcher: CollectingDispatcher) -> None:
    told = answer("2026-11-24T18:30", dispatcher)

    assert told["response"] == "utter_hours_later"
    assert told["opens"] == "18:00"


def test_on_a_closed_day_the_next_day_is_named_in_the_customers_language(
    dispatcher: CollectingDispatcher,
) -> None:
    told = answer(MONDAY_NOON, dispatcher, slots={"language": "en"})

    assert told["response"] == "utter_hours_closed"
    assert (told["next_day"], told["opens"]) == ("Tuesday", "11:30")
    assert told["week"].splitlines()[0] == "Monday: closed"


def test_portuguese_is_the_language_when_none_was_heard(dispatcher: CollectingDispatcher) -> None:
    told = answer(MONDAY_NOON, dispatcher)

    assert told["next_day"] == "terça"
    assert told["week"].splitlines()[:2] == [
        "segunda: fechado",
        "terça–quinta: 11:30–15:00, 18:00–22:30",
    ]


@pytest.mark.parametrize(
    ("now", "response"),
    [
        ("2026-11-28T03:29", "utter_hours_open"),  # Saturday 00:29, Friday's evening still runs
        ("2026-11-28T03:30", "utter_hours_later"),  # 00:30 sharp: closed
        ("2026-11-28T14:29", "utter_hours_later"),
        ("2026-11-28T14:30", "utter_hours_open"),  # 11:30 sharp: open
    ],
)
def test_a_span_may_end_after_midnight_and_its_end_is_closed(
    now: str, response: str, dispatcher: CollectingDispatcher
) -> None:
    assert answer(now, dispatcher)["response"] == response


def test_the_time_zone_is_the_shops_and_not_the_machines(dispatcher: CollectingDispatcher) -> None:
    tokyo = {"time_zone": "Asia/Tokyo", "hours": {"tuesday": ["00:00-01:00"]}}

    told = answer("2026-11-23T15:30", dispatcher, metadata={"shop": tokyo})

    assert told["response"] == "utter_hours_open"


def test_open_all_day_long(dispatcher: CollectingDispatcher) -> None:
    always = {"hours": {"tuesday": ["00:00-24:00"]}}

    told = answer(TUESDAY_NOON, dispatcher, metadata={"shop": always})

    assert told["response"] == "utter_hours_open"
    assert told["today"] == "00:00–24:00"


def test_a_shop_that_never_opens_says_so(dispatcher: CollectingDispatcher) -> None:
    told = answer(TUESDAY_NOON, dispatcher, metadata={"shop": {"hours": {}}})

    assert told["response"] == "utter_hours_none"
