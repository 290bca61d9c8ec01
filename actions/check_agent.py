"""Falls silent where the assistant may not answer, and says nothing where it may.

The runtime asks the same question before a turn begins; this is for `rasa shell` and every other door Rasa has.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.reasons import GIVEN_UP_SLOT

ANSWER = "ANSWER"


class CheckAgent(Action):
    def name(self) -> str:
        return "check_agent"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        verdict = verdict_of(tracker)
        if verdict["verdict"] == ANSWER:
            return []
        given_up = [SlotSet(GIVEN_UP_SLOT, None)] if tracker.get_slot(GIVEN_UP_SLOT) else []
        # Listening at once leaves out the rest of the rule.
        return [*given_up, SlotSet("agent_verdict", verdict), FollowupAction("action_listen")]


def verdict_of(tracker: Tracker) -> dict[str, Any]:
    """Who may answer: what came with this message, else what the tracker store knows, else the assistant."""
    metadata = (tracker.latest_message or {}).get("metadata") or {}
    for source in (metadata, tracker.get_slot("agent_verdict") or {}):
        if source.get("verdict"):
            return {"verdict": source["verdict"], "reason": source.get("reason")}
    return {"verdict": ANSWER, "reason": None}
