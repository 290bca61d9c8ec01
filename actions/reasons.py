"""Why a person is asked for, and how urgent that is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Tracker

#: Each reason with its priority. A new one is added here, and then named by a button or by what gives up.
REASONS: Mapping[str, str] = {
    "asked": "medium",  # in words
    "button": "medium",
    "fallback": "medium",  # not understood twice in a row
    "form_failed": "medium",  # no useful answer to what a form asks
    "order_unreachable": "medium",
    "complaint": "high",
    "anger": "high",
    "marked": "medium",  # an intent marked in domain.yml; the mark may say more
}
PRIORITIES = ("low", "medium", "high", "urgent")
#: Set by what gives up (the fallback, a form), and by it chooses the rule that asks for a person.
GIVEN_UP_SLOT = "handover_reason"
ANGRY = "angry"
#: A person is called at once on anger this sure; below it one is offered. Words that the assistant does not know at all
#: come out as any intent with 0.5 to 0.7.
SURELY_ANGRY = 0.75
#: They want a person by what they say. Any other intent that leads here is there because somebody marked it.
_WANTS = frozenset({"ask_human", "affirm", None})


def reason_of(tracker: Tracker) -> str:
    given_up = tracker.get_slot(GIVEN_UP_SLOT)
    on_button = next(tracker.get_latest_entity_values("handover_reason"), None)
    for given in (given_up, on_button):
        if given in REASONS:
            return str(given)
    intent = intent_of(tracker)
    if intent == ANGRY:
        return "anger"
    if intent not in _WANTS:
        return "marked"
    text = (tracker.latest_message or {}).get("text")
    return "button" if str(text or "").startswith("/") else "asked"


def priority_of(reason: str, tracker: Tracker, domain: Mapping[str, Any]) -> str:
    """A reason has its own; who is angry again is urgent; a mark may say which."""
    if reason == "anger" and last_wish(tracker).get("reason") == "anger":
        return "urgent"
    if reason == "marked":
        return mark_of(intent_of(tracker), domain) or REASONS[reason]
    return REASONS.get(reason, "medium")


def intent_of(tracker: Tracker) -> str | None:
    intent = (tracker.latest_message or {}).get("intent") or {}
    return str(intent["name"]) if intent.get("name") else None


def is_surely_angry(tracker: Tracker) -> bool:
    intent = (tracker.latest_message or {}).get("intent") or {}
    return float(intent.get("confidence", 1.0)) >= SURELY_ANGRY


def last_wish(tracker: Tracker) -> Mapping[str, Any]:
    wish = tracker.get_slot("handover_request")
    return wish if isinstance(wish, dict) else {}


def presses_more(new: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    """Whether a second wish says what the first did not: a higher priority, or anger."""
    if new["reason"] == "anger" != old.get("reason"):
        return True
    return PRIORITIES.index(new["priority"]) > PRIORITIES.index(old.get("priority") or "medium")


def mark_of(intent: str | None, domain: Mapping[str, Any]) -> str | None:
    """The priority in an intent's mark in domain.yml: `handover: high`. None where it has none, or only `true`."""
    for entry in domain.get("intents") or []:
        if isinstance(entry, dict) and intent in entry:
            priority = (entry[intent] or {}).get("handover")
            return priority if priority in PRIORITIES else None
    return None
