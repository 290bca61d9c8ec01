"""The booking form: checked by an action that rejects values and asks for more, and closed by another."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, FormValidationAction
from rasa_sdk.events import FollowupAction, SlotSet

_MANY = 4


class ValidateBookingForm(FormValidationAction):
    def name(self) -> str:
        return "validate_booking_form"

    async def required_slots(self, domain_slots: list[str], dispatcher: Any, tracker: Any, domain: Any) -> list[str]:
        """Only groups are asked for an address."""
        is_group = float(tracker.get_slot("people") or 0) > _MANY
        return [name for name in domain_slots if is_group or name != "email"]

    def validate_people(self, value: Any, dispatcher: Any, tracker: Any, domain: Any) -> dict[str, Any]:
        try:
            people = float(value)
        except (TypeError, ValueError):
            people = 0
        if 1 <= people <= 12:
            return {"people": people}
        dispatcher.utter_message(response="utter_wrong_people")
        return {"people": None}

    def validate_city(self, value: Any, dispatcher: Any, tracker: Any, domain: Any) -> dict[str, Any]:
        return {"city": value if isinstance(value, str) else None, "trips": tracker.get_slot("trips") or 0}

    def validate_email(self, value: Any, dispatcher: Any, tracker: Any, domain: Any) -> dict[str, Any]:
        return {"email": value if "@" in str(value) else None}


class AskWindowSeat(Action):
    def name(self) -> str:
        return "action_ask_window_seat"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        buttons = [{"title": "Yes", "payload": "/affirm"}, {"title": "Undo that", "payload": "/back"}]
        dispatcher.utter_message(text=f"A seat at the window, to {tracker.get_slot('city')}?", buttons=buttons)
        return []


class SizeOfParty(Action):
    """Asked by the slot's mapping while the form runs."""

    def name(self) -> str:
        return "action_size_of_party"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        people = float(tracker.get_slot("people") or 0)  # as it was said: the form has not checked it yet
        size = "many" if people > _MANY else "few" if people > 1 else "alone"
        return [SlotSet("size_of_party", size)]


class Book(Action):
    """Says it, counts it, and has another action say more."""

    def name(self) -> str:
        return "action_book"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        trip = {name: tracker.get_slot(name) for name in ("city", "people", "meal", "window_seat", "notes")}
        dispatcher.utter_message(response="utter_booked")
        dispatcher.utter_message(json_message={"kind": "ticket", "trip": trip})
        trips = min((tracker.get_slot("trips") or 0) + 1, 3)
        emptied = [SlotSet(name, None) for name in ("people", "meal", "window_seat", "notes")]
        return [SlotSet("trips", trips), *emptied, FollowupAction("action_after_booking")]


class AfterBooking(Action):
    def name(self) -> str:
        return "action_after_booking"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        kept = len(tracker.get_slot("wishes") or [])
        dispatcher.utter_message(text=f"Trip {tracker.get_slot('trips'):.0f}; I know {kept} wishes of yours.")
        return []
