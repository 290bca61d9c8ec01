"""The end of the fallback: who was not understood twice in a row gets a person, by the rule that the slot chooses."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet, UserUtteranceReverted
from rasa_sdk.executor import CollectingDispatcher

from actions import standing
from actions.ask_affirmation import ask_what_was_meant
from actions.not_sure import ASKED_SLOT, in_the_fallback, leave_it_to_the_person
from actions.reasons import GIVEN_UP_SLOT, intent_of


class GiveUp(Action):
    def name(self) -> str:
        return "action_default_fallback"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        if intent_of(tracker) not in ("nlu_fallback", "out_of_scope"):
            return offer_person(dispatcher, tracker)
        if standing.person_awaited(tracker):
            return leave_it_to_the_person(dispatcher, tracker)
        if in_the_fallback(tracker) or tracker.get_slot(ASKED_SLOT):
            return [SlotSet(GIVEN_UP_SLOT, "fallback")]
        # Rasa counts the two messages that it gave up on before as the first of two. Since then nobody came, so this
        # is a first one again. Its loop is over already, and must stay so: opened again, it would never end.
        ask_what_was_meant(dispatcher, tracker)
        return [SlotSet(ASKED_SLOT, True)]


def offer_person(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
    """Understood, but no rule says what follows."""
    dispatcher.utter_message(response="utter_default")
    # Taking the message back would take back the language it was written in, too.
    return [UserUtteranceReverted(), SlotSet("language", tracker.get_slot("language"))]
