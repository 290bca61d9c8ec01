"""Actions that answer, with words of their own or the domain's, and fill slots of every kind."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action
from rasa_sdk.events import SlotSet

_SKIES = ("grey", "blue", "full of kites")
_SEAS = "7"
#: An action sees a bounded number of events; no action here looks at more than these.
EVENTS_LOOKED_AT = 40


class Weather(Action):
    def name(self) -> str:
        return "action_weather"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        place = tracker.get_slot("city") or "town"
        dispatcher.utter_message(response="utter_weather", place=place, sky=_SKIES[len(place) % 3])
        return []


class Route(Action):
    def name(self) -> str:
        return "action_route"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        ends = tracker.get_slot("route_from"), tracker.get_slot("route_to")
        dispatcher.utter_message(text=f"From {ends[0]} to {ends[1]}.", attachment="https://example.com/route.pdf")
        return [SlotSet("route_from", None), SlotSet("route_to", None)] if all(ends) else []


class Grade(Action):
    def name(self) -> str:
        return "action_grade"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        said = next(tracker.get_latest_entity_values("number"), None)
        return [SlotSet("grade", "right" if said == _SEAS else "wrong")]


class Remember(Action):
    """Adds to a list it was shown: what it was shown must not change by that."""

    def name(self) -> str:
        return "action_remember"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        wishes = tracker.get_slot("wishes") or []
        wishes.append(tracker.latest_message["text"])
        dispatcher.utter_message(response="utter_remembered")
        return [SlotSet("wishes", wishes[-5:])]


class Recall(Action):
    """Reads the history and the state of the conversation as actions see them."""

    def name(self) -> str:
        return "action_recall"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        events = tracker.events[-EVENTS_LOOKED_AT:]
        said = [event["text"] for event in events if event["event"] == "user"][-3:]
        done = [event["name"] for event in events if event["event"] == "action"][-4:]
        state = tracker.active_loop.get("name"), tracker.latest_action_name, tracker.followup_action
        slots = {name: value for name, value in tracker.slots.items() if name != "session_started_metadata"}
        dispatcher.utter_message(text=f"{said} {done} {state} {sorted(slots.items())}")
        return []
