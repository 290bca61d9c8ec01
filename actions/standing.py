"""Where a conversation stands between assistant and person, as the runtime says with each message.

`rasa shell` says nothing; there the wish itself, in its slot, is all that is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa_sdk import Tracker

from actions.shop import shop_of

#: The runtime puts a sentence in its place when the turn is committed: the place in the queue, or when people are back.
WHAT_NEXT = "[[what_next]]"


def person_awaited(tracker: Tracker) -> bool:
    """Whether a person was asked for and has not come yet."""
    metadata = _metadata(tracker)
    if "turn_key" in metadata or "state" in metadata:  # the runtime names only what is out of the ordinary
        return metadata.get("state") == "pending"
    return bool(tracker.get_slot("handover_request"))


def hands_over(tracker: Tracker) -> bool:
    """Whether this account has people to hand over to."""
    return _metadata(tracker).get("handoff") != "off"


def what_next(tracker: Tracker) -> str:
    """For the end of a text, with its space; nothing where nobody would replace the token."""
    return f" {WHAT_NEXT}" if _metadata(tracker).get("turn_key") else ""


def other_ways(tracker: Tracker) -> str:
    """How else the shop is reached: the account's own words, or its address and phone."""
    given = _metadata(tracker).get("other_ways")
    if given:
        return str(given)
    shop = shop_of(tracker)
    return f"{shop.address} · {shop.phone}"


def _metadata(tracker: Tracker) -> Mapping[str, Any]:
    return (tracker.latest_message or {}).get("metadata") or {}
