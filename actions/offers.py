"""What the assistant last offered by buttons, so that a typed "yes" can do what the button would have."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Tracker

PAYLOAD = re.compile(r"/(?P<intent>\w+)(?P<entities>\{.*\})?")
# Only a question that can be refused can be accepted: "yes" to a list of choices means none of them.
REFUSALS = frozenset({"deny", "out_of_scope"})


@dataclass(frozen=True, kw_only=True)
class Offer:
    intent: str
    entities: dict[str, Any] = field(default_factory=dict)


def last_offer(tracker: Tracker) -> Offer | None:
    """The first button the assistant last showed, if another button beside it refuses it."""
    payloads = [str(button.get("payload") or "") for button in last_buttons(tracker)]
    offers = [offer for payload in payloads if (offer := offer_in(payload))]
    return offers[0] if any(offer.intent in REFUSALS for offer in offers[1:]) else None


def last_buttons(tracker: Tracker) -> list[dict[str, Any]]:
    """The buttons among what the assistant said last, which may have been more than one message."""
    spoken = False
    for event in reversed(tracker.events):
        if event.get("event") == "bot":
            spoken = True
            if buttons := (event.get("data") or {}).get("buttons"):
                return list(buttons)
        elif event.get("event") == "user" and spoken:
            break
    return []


def offer_in(payload: str) -> Offer | None:
    found = PAYLOAD.fullmatch(payload)
    if not found:
        return None
    return Offer(intent=found["intent"], entities=json.loads(found["entities"] or "{}"))
