"""Asks for a person. The slot it sets is an order; who keeps the conversations makes the request of it."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.wording import language_of

ASKED = "asked"
REASONS = frozenset({ASKED, "fallback", "complaint", "order_unreachable"})


class RequestHandover(Action):
    def name(self) -> str:
        return "request_handover"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        # The button that offered the person says why.
        reason = next(tracker.get_latest_entity_values("handover_reason"), ASKED)
        return request(dispatcher, tracker, reason=reason)


def request(dispatcher: CollectingDispatcher, tracker: Tracker, *, reason: str) -> list[dict[str, Any]]:
    dispatcher.utter_message(response="utter_handover_requested")
    order = {
        "reason": reason if reason in REASONS else ASKED,
        "intent": tracker.get_intent_of_latest_message(),
        "language": language_of(tracker),
    }
    return [SlotSet("handover_request", order)]
