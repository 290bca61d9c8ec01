"""Says whether the shop is open now, today's hours and the week's, in the shop's own time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.opening_hours import current_span, next_opening
from actions.shop import Shop, shop_of
from actions.wording import day_name, hours_of_day, hours_of_week, language_of


def utc_now() -> datetime:
    return datetime.now(timezone.utc)


class AnswerHours(Action):
    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        self._now = now

    def name(self) -> str:
        return "answer_hours"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        shop = shop_of(tracker)
        dispatcher.utter_message(**hours_answer(shop, self._now(), language_of(tracker)))
        return []


def hours_answer(shop: Shop, now: datetime, language: str) -> dict[str, str]:
    """The response to give, with what fills its placeholders."""
    local = now.astimezone(shop.time_zone)
    today = hours_of_day(shop.hours[local.weekday()], language)
    week = hours_of_week(shop.hours, language)
    span = current_span(shop.hours, local)
    if span:
        closes = f"{span.closes:%H:%M}"
        return {"response": "utter_hours_open", "today": today, "closes": closes, "week": week}
    opens = next_opening(shop.hours, local)
    if opens is None:
        return {"response": "utter_hours_none"}
    answer = {"opens": f"{opens:%H:%M}", "week": week}
    if opens.date() == local.date():
        return {"response": "utter_hours_later", "today": today, **answer}
    return {"response": "utter_hours_closed", "next_day": day_name(opens.weekday(), language), **answer}
