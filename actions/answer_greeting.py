"""Greets in the shop's name."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.shop import shop_of


class AnswerGreeting(Action):
    def name(self) -> str:
        return "answer_greeting"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        dispatcher.utter_message(response="utter_greet", shop_name=shop_of(tracker).name)
        return []
