"""The events of a tracker as turns that people can read: what was written, what it was taken for, what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: Every turn has it, and it says nothing.
_LISTENS = "action_listen"


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """`operator`: the person whose words these are; None: the assistant's."""

    text: str
    operator: str | None


@dataclass(frozen=True, kw_only=True)
class TalkTurn:
    """`seq`, `timestamp`: of its first event."""

    seq: int
    timestamp: float | None
    text: str | None
    intent: str | None
    confidence: float | None
    actions: Sequence[str]
    said: Sequence[Spoken]
    slots: Mapping[str, Any]
    new_session: bool


def turn_of(events: Sequence[tuple[int, Mapping[str, Any]]]) -> TalkTurn:
    """Of one message of the customer's, and what followed it; there is at least one event."""
    seq, first = events[0]
    text: str | None = None
    intent: Mapping[str, Any] = {}
    if first["event"] == "user":
        text, intent = first.get("text"), (first.get("parse_data") or {}).get("intent") or {}
    of_kind = _by_kind([event for _, event in events])
    return TalkTurn(
        seq=seq,
        timestamp=first.get("timestamp"),
        text=text,
        intent=intent.get("name"),
        confidence=intent.get("confidence") if intent.get("name") else None,
        actions=[name for each in of_kind("action") if (name := each.get("name")) and name != _LISTENS],
        said=[_spoken(each) for each in of_kind("bot") if each.get("text")],
        slots={each["name"]: each.get("value") for each in of_kind("slot")},
        new_session=bool(of_kind("session_started")),
    )


def _by_kind(events: Sequence[Mapping[str, Any]]) -> Any:
    return lambda kind: [event for event in events if event["event"] == kind]


def _spoken(event: Mapping[str, Any]) -> Spoken:
    return Spoken(text=event["text"], operator=(event.get("metadata") or {}).get("operator"))
