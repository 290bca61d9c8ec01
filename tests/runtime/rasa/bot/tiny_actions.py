"""Actions of every kind a project may have: blocking, async, failing, mutating what they are shown."""

from __future__ import annotations

import asyncio
import copy
import threading
from datetime import datetime, timedelta
from typing import Any

from rasa_sdk import Action
from rasa_sdk.events import ReminderCancelled, ReminderScheduled, SlotSet

#: What the last run saw, for tests to look at.
seen: dict[str, Any] = {}


class Note(Action):
    """Sets a list slot the first time; the second time changes, without an event, the list it was shown."""

    def name(self) -> str:
        return "action_note"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        seen["thread"] = threading.current_thread().name
        seen["metadata"] = tracker.latest_message.get("metadata")
        seen["events"], seen["slots"] = len(tracker.events), copy.deepcopy(tracker.slots)
        items = tracker.get_slot("items")
        if items is None:
            seen["given"] = ["um"]
            dispatcher.utter_message(text="Anotado.")
            return [SlotSet("items", seen["given"])]
        items.append("contrabando")
        tracker.latest_message["text"] = "contrabando"
        dispatcher.utter_message(text=f"São {len(items)}.")
        return []


class Slowly(Action):
    def name(self) -> str:
        return "action_slowly"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        await asyncio.sleep(0)
        seen["thread"] = threading.current_thread().name
        dispatcher.utter_message(text="Pronto.")
        return []


class Boom(Action):
    def name(self) -> str:
        return "action_boom"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        raise RuntimeError("boom")


class RemindMe(Action):
    def name(self) -> str:
        return "action_remind_me"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        when = datetime.now() + timedelta(hours=1)
        return [ReminderScheduled("ping", when, name="later", kill_on_user_message=False)]


class ForgetIt(Action):
    def name(self) -> str:
        return "action_forget_it"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        return [ReminderCancelled(name="later")]


class Person(Action):
    def name(self) -> str:
        return "action_person"

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:
        dispatcher.utter_message(text="Chamando.")
        return [SlotSet("handover_request", {"reason": "asked"})]
