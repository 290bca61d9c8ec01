"""Asks for a person. The slot it sets is an order; who keeps the conversations makes the request of it."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import reasons, standing
from actions.not_sure import ASKED_SLOT, NOTED_SLOT, leave_it_to_the_person
from actions.wording import language_of


class RequestHandover(Action):
    def name(self) -> str:
        return "request_handover"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        if tracker.get_slot(reasons.GIVEN_UP_SLOT) == "fallback":
            dispatcher.utter_message(response="utter_not_understood")
        reason = reasons.reason_of(tracker)
        if reason == "anger" and not reasons.is_surely_angry(tracker):
            # Told by mistake that they are angry, people are; an offer is right either way.
            return offer(dispatcher, tracker)
        return request(dispatcher, tracker, domain, reason=reason)


def request(
    dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any], *, reason: str
) -> list[dict[str, Any]]:
    """Says what becomes of the wish, and writes it into the slot: one, however often it is said."""
    wish = {
        "reason": reason,
        "priority": reasons.priority_of(reason, tracker, domain),
        "intent": reasons.intent_of(tracker),
        "language": language_of(tracker),
    }
    awaited = standing.hands_over(tracker) and standing.person_awaited(tracker)
    said_before = awaited and not reasons.presses_more(wish, reasons.last_wish(tracker))
    if reason == "anger" and not awaited:
        dispatcher.utter_message(response="utter_anger")
    say_what_becomes_of_it(dispatcher, tracker, awaited=awaited)
    over = [reasons.GIVEN_UP_SLOT, ASKED_SLOT, *([] if awaited else [NOTED_SLOT])]
    ended = [SlotSet(slot, None) for slot in over if tracker.get_slot(slot) is not None]
    return [*([] if said_before else [SlotSet("handover_request", wish)]), *ended]


def offer(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
    """A person is offered, not called; where one is awaited already, they will see what was written."""
    if standing.person_awaited(tracker):
        return leave_it_to_the_person(dispatcher, tracker)
    dispatcher.utter_message(response="utter_complaint")
    return []


def say_what_becomes_of_it(dispatcher: CollectingDispatcher, tracker: Tracker, *, awaited: bool) -> None:
    if not standing.hands_over(tracker):
        dispatcher.utter_message(response="utter_handover_unavailable", other_ways=standing.other_ways(tracker))
        return
    said = "utter_handover_pending" if awaited else "utter_handover_requested"
    dispatcher.utter_message(response=said, what_next=standing.what_next(tracker))
