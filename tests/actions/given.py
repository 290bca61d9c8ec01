"""A tracker as Rasa sends it to an action, and what the action said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

ROOT = Path(__file__).resolve().parents[2]


def make_tracker(
    *,
    text: str = "oi",
    intent: str = "greet",
    metadata: dict[str, Any] | None = None,
    slots: dict[str, Any] | None = None,
    entities: list[dict[str, Any]] | None = None,
    events: list[dict[str, Any]] | None = None,
    ranking: list[str] | None = None,
    loop: str | None = None,
    confidence: float = 0.9,
) -> Tracker:
    message = {
        "text": text,
        "intent": {"name": intent, "confidence": confidence},
        "intent_ranking": [{"name": name, "confidence": 0.1} for name in ranking or [intent]],
        "entities": entities or [],
        "metadata": metadata or {},
    }
    return Tracker(
        "c1", slots or {}, message, events or [], False, None, {"name": loop} if loop else {}, "action_listen"
    )


def said(dispatcher: CollectingDispatcher) -> list[str]:
    """The names of the responses an action chose, in order."""
    return [message["response"] for message in dispatcher.messages]
