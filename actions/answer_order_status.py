"""Says how an order is getting on, once the form knows its number."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import orders

KNOWN_STATUSES = frozenset({"received", "preparing", "ready", "on_the_way", "delivered", "cancelled"})


class AnswerOrderStatus(Action):
    def name(self) -> str:
        return "answer_order_status"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        number = str(tracker.get_slot("order_number"))
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
