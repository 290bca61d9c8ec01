"""A webhook as it came, and what has become of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

#: Stands among a webhook's accounts for all in it that are not ours.
UNKNOWN_ACCOUNT = "unknown"
#: So often it is tried in all, before it waits for a person.
TRIES = 3


class WebhookState(str, Enum):
    RECEIVED = "received"  # kept, and to be tried again: a fault of ours was in the way of some of it
    PROCESSED = "processed"  # something of it was new to us, and is where it belongs
    IGNORED = "ignored"  # all of it was known before, or is of nobody's account
    PARKED = "parked"  # tried often enough; waits for a person


@dataclass(frozen=True, kw_only=True)
class Came:
    """A verified body. `accounts`: the ids in it. `unreadable`: what went wrong when it was read."""

    body: str
    accounts: frozenset[str]
    unreadable: str | None = None


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """`accounts`: ours in it, by our own ids; `UNKNOWN_ACCOUNT` for any other. `kinds`: of what is in it."""

    id: int
    channel: str
    accounts: Sequence[str]
    kinds: Sequence[str]
    state: WebhookState
    attempts: int
    error: str | None
    received_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
