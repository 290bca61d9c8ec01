"""What webhooks look like."""

from __future__ import annotations

from typing import Any, TypedDict


class WebhookEvent(TypedDict):
    """`accounts`: ours in it, by our own ids; `unknown` for any other. `kinds`: of what is in it, each once.

    `state`: `received` (to be tried again at `due_at`), `processed`, `ignored` (all of it was known before, or is of
    nobody's account), `parked` (tried often enough). `error`: what went wrong here, and where.
    """

    id: int
    channel: str
    accounts: list[str]
    kinds: list[str]
    state: str
    attempts: int
    error: str | None
    received_at: str
    due_at: str | None
    ended_at: str | None


class WholeWebhookEvent(WebhookEvent):
    """`body`: as it came, with what opens doors taken out: tokens, and the signed parts of addresses."""

    body: Any


class UnplacedEvent(TypedDict):
    """Something that has no place in a conversation: of a kind nobody here knows, or of nobody's account."""

    id: int
    channel: str
    account: str | None
    kind: str
    body: Any
    at: str
