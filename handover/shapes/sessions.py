"""What an agent's talks came to: the latest session of each, and its turns."""

from __future__ import annotations

from typing import Any, TypedDict

from handover.shapes.words import Instant


class SessionContact(TypedDict):
    id: str
    name: str | None


class Session(TypedDict):
    """`began_at`: when the latest session did; `memory_cleared_at`: the same, where somebody had the assistant forget
    what was before. `messages`: how many the customer wrote and was told in it; `events`: how much happened in all;
    `seq`: the last one's number. `tokens`, `cost_usd`: what language models had of it. `slots_set`: how many slots have
    a value."""

    conversation_id: str
    account_id: str
    contact: SessionContact
    began_at: Instant | None
    last_active_at: Instant | None
    memory_cleared_at: Instant | None
    messages: int
    tokens: int
    cost_usd: float
    events: int
    seq: int
    last_intent: str | None
    slots_set: int


class Said(TypedDict):
    """`operator`: the person whose words these are; null: the assistant's."""

    text: str
    operator: str | None


class Turn(TypedDict):
    """A message of the customer's and what followed it, until the next one. `seq`: where it begins. `text` null: what
    was before the first message. `intent` null: no model was asked, as a person had the conversation. `slots`: those
    that were set in it. `new_session`: one began in it."""

    seq: int
    at: Instant | None
    text: str | None
    intent: str | None
    confidence: float | None
    actions: list[str]
    said: list[Said]
    slots: dict[str, Any]
    new_session: bool


class WholeSession(Session):
    """`slots`: what the dialogue knows. `turns`: the oldest first; `before`: what to ask the history for to go on
    backwards, null: there is nothing more."""

    slots: dict[str, Any]
    turns: list[Turn]
    before: int | None


class History(TypedDict):
    """`before`: what to ask for to go on backwards; null: there is nothing more."""

    turns: list[Turn]
    before: int | None


class Forgotten(TypedDict):
    """`seq`: the tracker's last event from then on."""

    conversation_id: str
    seq: int
