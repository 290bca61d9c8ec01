"""What is known of one person, and that it is gone."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

Rows = list[dict[str, Any]]


class ExportedAccount(TypedDict):
    id: str
    channel: str
    name: str


class Export(TypedDict):
    """Rows of each table as they are kept, without what is sealed. `webhooks` and `webhook_events`: of what a channel
    told us the items that are about them. `audit`: what was done about them, by whom."""

    account: ExportedAccount
    contact: dict[str, Any]
    addresses: Rows
    conversation: dict[str, Any] | None
    messages: Rows
    media: Rows
    tracker_events: Rows
    trackers: Rows
    mailbox: Rows
    outbox: Rows
    held_echoes: Rows
    buttons: Rows
    timers: Rows
    deadlines: Rows
    requests: Rows
    handovers: Rows
    ratings: Rows
    notes: Rows
    tags: Rows
    alerts: Rows
    notices: Rows
    idempotency_keys: Rows
    llm_calls: Rows
    paces: Rows
    initiations: Rows
    webhooks: Rows
    webhook_events: Rows
    audit: Rows


class Erased(TypedDict):
    contact: str
    state: Literal["done", "under_way"]
