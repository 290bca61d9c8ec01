"""The last stage of the fallback: says it could not understand, and offers a person."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet, UserUtteranceReverted
from rasa_sdk.executor import CollectingDispatcher


class OfferPerson(Action):
    def name(self) -> str:
        return "action_default_fallback"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        dispatcher.utter_message(response="utter_default")
        # Taking back what was not understood would take back the language it was written in, too.
        return [UserUtteranceReverted(), SlotSet("language", tracker.get_slot("language"))]
