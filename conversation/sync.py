"""What is fetched from a channel's own memory, and how far that has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, NewType

from conversation.account import AccountId

SyncId = NewType("SyncId", int)


class SyncKind(str, Enum):
    PAST = "past"  # all the channel remembers: for people to read, nobody answers it
    GAP = "gap"  # what was written while we could not hear it: comes in as if a webhook had told it


class SyncState(str, Enum):
    WAITING = "waiting"  # for its turn, or until the channel takes requests again
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # for good; asked for again, it skips what is there
    STOPPED = "stopped"  # by who asked


GOES_ON = frozenset({SyncState.WAITING, SyncState.RUNNING})


@dataclass(frozen=True, kw_only=True)
class Sync:
    """`since`: of a gap, nothing older is asked for. `cursor`: where it goes on."""

    id: SyncId
    account_id: AccountId
    kind: SyncKind
    state: SyncState
    since: datetime | None
    cursor: Mapping[str, Any]
    conversations_seen: int
    messages_added: int
    attempts: int  # that failed since the last step forward
    due_at: datetime
    error: str | None
    asked_by: str
    created_at: datetime
    ended_at: datetime | None
