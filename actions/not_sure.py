"""What the assistant does when it does not understand while a person is awaited: it says so once, then leaves it."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher

FALLBACK_LOOP = "action_two_stage_fallback"
#: Set where `GiveUp` asked what was meant, outside of that loop; until a person is asked for.
ASKED_SLOT = "asked_what_was_meant"
#: Set from the first time on, until the wish is taken back or a new one made.
NOTED_SLOT = "pending_noted"


def leave_it_to_the_person(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[dict[str, Any]]:
    """No guess and no offer: whoever comes reads it. The fallback's loop ends here."""
    if tracker.get_slot(NOTED_SLOT):
        return [ActiveLoop(None)]
    dispatcher.utter_message(response="utter_pending_unsure")
    return [SlotSet(NOTED_SLOT, True), ActiveLoop(None)]


def in_the_fallback(tracker: Tracker) -> bool:
    """Whether the message before was not understood either: the fallback's loop runs since then."""
    return (tracker.active_loop or {}).get("name") == FALLBACK_LOOP
