"""Rasa's lock store, for Rasa's own doors (HTTP API, other channels, `rasa shell`). Our conversations have leases.

In Redis where REDIS_URL is set, so that several `rasa run` keep one conversation in order; else within the process.
"""

from __future__ import annotations

import contextlib
import os
from typing import Any

import redis
from rasa.core.lock import TicketLock
from rasa.core.lock_store import InMemoryLockStore, LockStore, RedisLockStore

from runtime import redis_names
from runtime.tracker_store import open_database

#: Rasa asks on its event loop, and all its doors wait meanwhile.
_TIMEOUT_S = 2.0


class BatonLockStore(LockStore):
    """`endpoints.yml`: `lock_store: {type: runtime.lock_store.BatonLockStore}`.

    While Redis is away Rasa's doors say so (`LockError`), as with Rasa's own store; what Baton itself answers goes on.
    """

    def __init__(self, endpoint_config: Any = None, url: str | None = None, prefix: str | None = None) -> None:
        url = url or os.environ.get("REDIS_URL")
        self.kept: LockStore = _InRedis(url, prefix) if url else InMemoryLockStore()
        super().__init__()

    def get_lock(self, conversation_id: str) -> TicketLock | None:
        return self.kept.get_lock(conversation_id)

    def save_lock(self, lock: TicketLock) -> None:
        self.kept.save_lock(lock)

    def delete_lock(self, conversation_id: str) -> None:
        self.kept.delete_lock(conversation_id)


class _InRedis(RedisLockStore):
    """Rasa's own, by one URL and under our names."""

    def __init__(self, url: str, prefix: str | None) -> None:
        self.red = redis.Redis.from_url(url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S)
        self.key_prefix = f"{prefix or _prefix()}:lock:"


def _prefix() -> str:
    with contextlib.closing(open_database(None)) as db:
        return redis_names.prefix(os.environ.get("BATON_REDIS_PREFIX"), db)
