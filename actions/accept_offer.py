"""A typed "yes": does what the offered button would have done, or asks what the customer would like."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions import reasons, request_handover
from actions.answer_address import AnswerAddress
from actions.answer_delivery_area import AnswerDeliveryArea
from actions.answer_hours import AnswerHours
from actions.answer_menu import AnswerMenu
from actions.answer_place_order import AnswerPlaceOrder
from actions.check_agent import CheckAgent
from actions.offers import Offer, last_offer

ANSWERS: dict[str, type[Action]] = {
    "ask_hours": AnswerHours,
    "ask_menu": AnswerMenu,
    "place_order": AnswerPlaceOrder,
    "ask_delivery_area": AnswerDeliveryArea,
    "ask_address": AnswerAddress,
}
RESPONSES = {"complaint": "utter_complaint", "change_order": "utter_change_order"}


class AcceptOffer(Action):
    def name(self) -> str:
        return "accept_offer"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        offer = last_offer(tracker)
        if offer and offer.intent == "ask_human":
            return call_person(dispatcher, tracker, domain, offer)
        if offer and offer.intent == "ask_order_status":
            return [FollowupAction("order_form")]
        if offer and offer.intent in ANSWERS:
            return list(ANSWERS[offer.intent]().run(dispatcher, tracker, domain))
        dispatcher.utter_message(response=RESPONSES.get(offer.intent if offer else "", "utter_affirm"))
        return []


def call_person(
    dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any], offer: Offer
) -> list[dict[str, Any]]:
    silence = CheckAgent().run(dispatcher, tracker, domain)
    given = str(offer.entities.get("handover_reason"))
    reason = given if given in reasons.REASONS else "asked"
    return silence or request_handover.request(dispatcher, tracker, domain, reason=reason)
