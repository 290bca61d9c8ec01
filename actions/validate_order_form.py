"""Checks what the customer gave as the order number; if it is none, says so, and the form asks again, thrice."""

from __future__ import annotations

from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import orders

USELESS_SLOT = "useless_answers"
#: So many answers without a number, and a person is asked for.
PATIENCE = 3


class ValidateOrderForm(FormValidationAction):
    def name(self) -> str:
        return "validate_order_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        if tracker.get_slot("requested_slot") or not tracker.get_slot(USELESS_SLOT):
            return list(await super().run(dispatcher, tracker, domain))
        # The form begins anew: what was given to the one before no longer counts.
        tracker.slots[USELESS_SLOT] = None
        return [SlotSet(USELESS_SLOT, None), *await super().run(dispatcher, tracker, domain)]

    def validate_order_number(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        number = orders.number_in(str(value))
        if number is not None:
            return {"order_number": number}
        useless = int(tracker.get_slot(USELESS_SLOT) or 0) + 1
        if useless < PATIENCE:
            dispatcher.utter_message(response="utter_order_number_invalid")
            return {"order_number": None, USELESS_SLOT: useless}
        # Asking for nothing ends the form, without a number.
        return {"order_number": None, USELESS_SLOT: None, "requested_slot": None}
