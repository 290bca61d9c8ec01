"""Says how an order is getting on, once the form knows its number; without one, the form has given up."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import orders
from actions.reasons import GIVEN_UP_SLOT

KNOWN_STATUSES = frozenset({"received", "preparing", "ready", "on_the_way", "delivered", "cancelled"})


class AnswerOrderStatus(Action):
    def name(self) -> str:
        return "answer_order_status"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        number = tracker.get_slot("order_number")
        if number is None:
            dispatcher.utter_message(response="utter_order_number_missing")
            return [SlotSet(GIVEN_UP_SLOT, "form_failed")]
        try:
            order = await orders.find(number)
        except orders.OrdersUnreachable:
            dispatcher.utter_message(response="utter_order_unreachable", number=number)
        else:
            say(dispatcher, number, order)
        # The next question about an order asks for its number again.
        return [SlotSet("order_number", None)]


def say(dispatcher: CollectingDispatcher, number: str, order: orders.Order | None) -> None:
    if order is None:
        dispatcher.utter_message(response="utter_order_unknown", number=number)
        return
    # "min" is the same word in both languages.
    eta = "" if order.eta_minutes is None else f" 🕐 {order.eta_minutes} min"
    known = order.status if order.status in KNOWN_STATUSES else "other"
    dispatcher.utter_message(response=f"utter_order_{known}", number=number, status=order.status, eta=eta)
    if order.sample:
        dispatcher.utter_message(response="utter_order_sample")
