"""Rasa's lock store by `endpoints.yml`: in order over several processes with Redis, within one without."""

from __future__ import annotations

import asyncio
import uuid

import pytest
import redis
from rasa.core.lock_store import InMemoryLockStore, LockError, LockStore
from rasa.utils.endpoints import read_endpoint_config

from app.settings import ROOT
from runtime.lock_store import BatonLockStore
from store.database import Database


def as_rasa_makes_it() -> LockStore:
    """From our own `endpoints.yml`."""
    return LockStore.create(read_endpoint_config(str(ROOT / "endpoints.yml"), "lock_store"))


async def in_order(one: LockStore, other: LockStore) -> list[str]:
    """What two processes do with one conversation."""
    done: list[str] = []

    async def work(store: LockStore, name: str) -> None:
        async with store.lock("c1", wait_time_in_seconds=0.01):
            done.append(f"{name} begins")
            await asyncio.sleep(0.05)
            done.append(f"{name} ends")

    await asyncio.gather(work(one, "one"), work(other, "other"))
    return done


async def test_without_redis_it_is_rasas_own_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    store = as_rasa_makes_it()
    assert isinstance(store, BatonLockStore)
    assert isinstance(store.kept, InMemoryLockStore)
    assert await in_order(store, store) == ["one begins", "one ends", "other begins", "other ends"]


async def test_with_redis_two_processes_keep_one_conversation_in_order(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = uuid.uuid4().hex
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("BATON_REDIS_PREFIX", prefix)
    monkeypatch.setattr("runtime.lock_store.open_database", lambda _: Database("sqlite://"))
    one, other = as_rasa_makes_it(), as_rasa_makes_it()
    assert await in_order(one, other) == ["one begins", "one ends", "other begins", "other ends"]
    with redis.from_url(redis_url) as looking:
        assert looking.keys(f"*{prefix}*") == []  # nobody waits: nothing is left
        one.save_lock(one.create_lock("c2"))
        assert looking.keys(f"*{prefix}*") == [f"baton:{prefix}:lock:c2".encode()]
        one.delete_lock("c2")


async def test_a_redis_that_is_away_is_said_by_rasa_without_its_password() -> None:
    store = BatonLockStore(url="redis://:hidden-word@127.0.0.1:1", prefix="x")
    with pytest.raises(LockError, match="Error while acquiring lock") as told:
        async with store.lock("c1"):
            raise AssertionError("it must not be given")
    assert "hidden-word" not in str(told.value)
