"""Actions that change the course of the conversation itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rasa_sdk import Action
from rasa_sdk.events import (
    ActionExecuted,
    ActionReverted,
    AllSlotsReset,
    BotUttered,
    EventType,
    FollowupAction,
    ReminderCancelled,
    ReminderScheduled,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)

_FAR = datetime(2100, 1, 1)


class Forget(Action):
    def name(self) -> str:
        return "action_forget"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[EventType]:
        dispatcher.utter_message(text="Who are you?")
        return [AllSlotsReset()]


class Undo(Action):
    def name(self) -> str:
        return "action_undo"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[EventType]:
        dispatcher.utter_message(text="Undone.")
        return [UserUtteranceReverted(), UserUtteranceReverted()]


class TakeBack(Action):
    def name(self) -> str:
        return "action_take_back"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[EventType]:
        return [ActionReverted(), FollowupAction("utter_done")]


class Relay(Action):
    """Fills a slot, speaks by an event, and asks for a form to go on."""

    def name(self) -> str:
        return "action_relay"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[EventType]:
        said = BotUttered(text="Passed on.", metadata={"by": "relay"})
        return [SlotSet("city", "Porto"), said, FollowupAction("booking_form")]


class Repeat(Action):
    """Goes on as if the customer had asked for the usual trip."""

    def name(self) -> str:
        return "action_repeat"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[EventType]:
        entity = {"entity": "city", "value": "Rome", "start": 18, "end": 22}
        parsed = {"intent": {"name": "book", "confidence": 1.0}, "entities": [entity], "text": "book a journey to Rome"}
        return [
            UserUtteranceReverted(),
            ActionExecuted("action_listen"),
            UserUttered("book a journey to Rome", parse_data=parsed),
        ]


class Remind(Action):
    def name(self) -> str:
        return "action_remind"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[EventType]:
        dispatcher.utter_message(text="In the next century.")
        return [ReminderScheduled("greet", _FAR, name="later", kill_on_user_message=False)]


class Unremind(Action):
    def name(self) -> str:
        return "action_unremind"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[EventType]:
        return [ReminderCancelled(name="later")]


class Fail(Action):
    """Its events are lost, and Rasa goes on."""

    def name(self) -> str:
        return "action_fail"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[EventType]:
        raise RuntimeError("as asked")


class StartAfresh(Action):
    def name(self) -> str:
        return "action_start_afresh"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[EventType]:
        return [SlotSet("grade", "wrong"), Restarted()]


class NewVisit(Action):
    def name(self) -> str:
        return "action_new_visit"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[EventType]:
        kept = SlotSet("wishes", tracker.get_slot("wishes"))
        return [SessionStarted(), kept, ActionExecuted("action_listen")]


class ResetChoices(Action):
    def name(self) -> str:
        return "action_reset_choices"

    def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[EventType]:
        return [SlotSet("meal", None), SlotSet("grade", None), FollowupAction("utter_done")]
