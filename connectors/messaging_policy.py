"""`policy_enforcement`: Meta blocks a Page, or lets it go on. A warning stops nothing and is only kept."""

from __future__ import annotations

from typing import Any

from connectors import reading
from connectors.messaging_event import Event
from conversation.arrivals import AccountTrouble, Arrival

_REASON_LENGTH = 300


def read(event: Event, told: dict[str, Any]) -> Arrival:
    action = reading.text(told.get("action"))
    if action not in ("block", "unblock"):
        return event.unfamiliar("policy_enforcement", event.item)
    return AccountTrouble(
        account=event.account,
        fault=_fault(told) if action == "block" else None,
        body=event.item,
        key=event.key("policy_enforcement", told),
    )


def _fault(told: dict[str, Any]) -> str:
    reason = reading.text(told.get("reason"))
    return f"Blocked by Meta: {reason[:_REASON_LENGTH]}" if reason else "Blocked by Meta."
