"""Says where the shop is, and its phone number."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.shop import shop_of


class AnswerAddress(Action):
    def name(self) -> str:
        return "answer_address"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        shop = shop_of(tracker)
        dispatcher.utter_message(response="utter_address", address=shop.address, phone=shop.phone)
        return []
