"""Our numbers, Pages and Instagram accounts; the assistants on them; and how far fetching what was said before is."""

from __future__ import annotations

from typing import Any, TypedDict

from conversation.agent_model import AgentModel
from handover.shapes.templates import NumberFacts
from handover.shapes.words import AgentStatus, Channel, Instant, Provider, SyncKind, SyncState, WhilePending


class Account(TypedDict):
    """`provider_id`: as the channel calls it; `also_known_as`: all other ids under which webhooks speak of it; `meta`:
    what Meta says of the number."""

    id: str
    channel: Channel
    provider_id: str
    name: str
    agent_id: str
    active: bool
    auto_response: bool
    emulated: bool
    while_pending: WhilePending
    max_bot_messages_per_hour: int
    resend_unknown: bool
    time_zone: str
    handover: dict[str, Any]
    shop: dict[str, Any]
    fault: str | None
    cure: str | None
    channel_settings: dict[str, Any]
    also_known_as: list[str]
    limits: dict[str, Any]
    privacy: dict[str, Any]
    token_expires_at: Instant | None
    paused_until: Instant | None
    meta: NumberFacts
    version: int


class SwitchedAccount(Account):
    """`in_flight`: how many requests of the assistant's may still reach Meta; 0: none."""

    in_flight: int


class RemovedAccount(TypedDict):
    """`in_flight`: how many requests of the assistant's may still reach Meta; 0: none."""

    id: str
    removed_at: Instant
    in_flight: int


class AgentAccount(TypedDict):
    id: str
    name: str


class Agent(TypedDict):
    """`model`: how a language model is asked; nothing of it counts where Rasa thinks. `has_key`: the provider's key is
    kept; it is shown to nobody. `accounts`: those of yours that have it."""

    id: str
    name: str
    status: AgentStatus
    description: str
    provider: Provider
    model: AgentModel
    has_key: bool
    accounts: list[AgentAccount]
    version: int


class SwitchedAgent(Agent):
    """`in_flight`: how many of its requests may still reach Meta; 0: none."""

    in_flight: int


class Silenced(TypedDict):
    """Which assistants were switched off."""

    agents: list[str]
    in_flight: int


class SignInLink(TypedDict):
    """Where an account's owner signs in; good for ten minutes, once."""

    url: str


class Sync(TypedDict):
    """How far fetching from the channel's memory has come."""

    id: int
    account_id: str
    kind: SyncKind
    state: SyncState
    since: Instant | None
    conversations_seen: int
    messages_added: int
    error: str | None
    asked_by: str
    created_at: Instant | None
    ended_at: Instant | None


class _Syncs(TypedDict):
    state: SyncState | None
    gap: Sync | None


class Syncs(_Syncs, total=False):
    """The latest of the past, with `state` null where nothing was ever asked for. `gap`: the latest of what an outage
    made us miss; null: there was none."""

    id: int
    account_id: str
    kind: SyncKind
    since: Instant | None
    conversations_seen: int
    messages_added: int
    error: str | None
    asked_by: str
    created_at: Instant | None
    ended_at: Instant | None
