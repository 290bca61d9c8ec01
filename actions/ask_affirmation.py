"""First stage of the fallback: asks, in the customer's language, whether the best guess is what was meant.

It asks once. Who is not understood a second time in a row gets a person, and while one is awaited nothing is asked.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import standing
from actions.not_sure import in_the_fallback, leave_it_to_the_person
from actions.reasons import GIVEN_UP_SLOT

# Each has a response utter_did_you_mean_<intent>.
WORTH_ASKING = frozenset(
    {
        "ask_hours",
        "ask_menu",
        "place_order",
        "ask_order_status",
        "ask_delivery_area",
        "ask_address",
        "change_order",
        "complaint",
        "ask_human",
    }
)
# A guess further down the ranking is no better than the list of what the assistant can do.
GUESSES = 3


class AskAffirmation(Action):
    def name(self) -> str:
        return "action_default_ask_affirmation"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        if standing.person_awaited(tracker):
            return leave_it_to_the_person(dispatcher, tracker)
        if in_the_fallback(tracker):
            return [SlotSet(GIVEN_UP_SLOT, "fallback"), ActiveLoop(None)]
        ask_what_was_meant(dispatcher, tracker)
        return []


def ask_what_was_meant(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
    dispatcher.utter_message(response=f"utter_did_you_mean_{best_guess(tracker) or 'something'}")


def best_guess(tracker: Tracker) -> str | None:
    ranking = (tracker.latest_message or {}).get("intent_ranking") or []
    guesses = [intent["name"] for intent in ranking if intent["name"] != "nlu_fallback"][:GUESSES]
    return next((name for name in guesses if name in WORTH_ASKING), None)
