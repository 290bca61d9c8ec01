"""Checks what the customer gave as the order number; if it is none, says so, and the form asks again."""

from __future__ import annotations

from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import orders


class ValidateOrderForm(FormValidationAction):
    def name(self) -> str:
        return "validate_order_form"

    def validate_order_number(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, str | None]:
        number = orders.number_in(str(value))
        if number is None:
            dispatcher.utter_message(response="utter_order_number_invalid")
        return {"order_number": number}
