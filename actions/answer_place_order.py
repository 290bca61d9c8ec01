"""Says where an order is placed."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.shop import shop_of


class AnswerPlaceOrder(Action):
    def name(self) -> str:
        return "answer_place_order"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        dispatcher.utter_message(response="utter_place_order", menu_link=shop_of(tracker).menu_link)
        return []
