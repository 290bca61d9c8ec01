"""Takes back the wish for a person."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import standing
from actions.not_sure import NOTED_SLOT


class CancelHandover(Action):
    def name(self) -> str:
        return "cancel_handover"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        said = "utter_handover_cancelled" if standing.person_awaited(tracker) else "utter_handover_not_requested"
        dispatcher.utter_message(response=said)
        return [SlotSet(slot, None) for slot in ("handover_request", NOTED_SLOT)]
