"""Several gateways count together in Redis; while it is away each counts alone, and no request waits long for it."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
import redis

from bench.services import redis_server
from conversation.errors import TooMany
from runtime.limits import LocalLimits, Rate
from runtime.redis_limits import RedisLimits

#: So slow that nothing comes back while a test runs.
USUAL = Rate(burst=5, per_s=0.001)


@contextlib.asynccontextmanager
async def gateway(url: str, prefix: str) -> AsyncIterator[RedisLimits]:
    limits = RedisLimits(url, prefix, USUAL, LocalLimits(USUAL))
    yield limits
    await limits.close()


@pytest.fixture
def prefix() -> str:
    return f"baton:{uuid.uuid4().hex}"


async def taken(limits: RedisLimits, who: str, times: int) -> int:
    """How many of so many were let through."""
    through = 0
    for _ in range(times):
        with contextlib.suppress(TooMany):
            await limits.take(who)
            through += 1
    return through


async def test_two_gateways_share_one_bucket(redis_url: str, prefix: str) -> None:
    async with gateway(redis_url, prefix) as one, gateway(redis_url, prefix) as other:
        ours, theirs = await asyncio.gather(taken(one, "ana", 4), taken(other, "ana", 4))
        assert ours + theirs == 5
        assert await taken(other, "ben", 6) == 5  # somebody else has a bucket of his own
        with pytest.raises(TooMany) as refused:
            await one.take("ana")
        assert 990 < refused.value.retry_after_s <= 1000


async def test_a_bucket_fills_again_by_its_own_rate_and_cost(redis_url: str, prefix: str) -> None:
    rate = Rate(burst=2, per_s=2)  # half a second until the next: time enough to ask again before
    async with gateway(redis_url, prefix) as limits:
        await limits.take("ana", rate=rate, cost=2)
        with pytest.raises(TooMany) as refused:
            await limits.take("ana", rate=rate, cost=1)
        await asyncio.sleep(refused.value.retry_after_s + 0.02)
        await limits.take("ana", rate=rate, cost=1)


async def test_no_name_is_written_to_redis_and_every_bucket_is_forgotten_in_time(redis_url: str, prefix: str) -> None:
    async with gateway(redis_url, prefix) as limits:
        await limits.take("ana@example.com", rate=Rate(burst=5, per_s=1))
    with redis.from_url(redis_url) as looking:
        (key,) = looking.keys(f"{prefix}:*")
        assert b"ana" not in key
        assert 0 < looking.pttl(key) <= 2000


async def test_without_redis_each_counts_alone_and_together_again_after(
    own_redis: redis_server.Server, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.redis_limits._LEFT_ALONE_S", 0.0)
    async with gateway(own_redis.url, prefix) as one, gateway(own_redis.url, prefix) as other:
        assert await taken(one, "ana", 5) == 5
        own_redis.kill()
        assert [await taken(one, "ana", 6), await taken(other, "ana", 6)] == [5, 5]
        own_redis.start()
        assert await taken(one, "ben", 6) + await taken(other, "ben", 6) == 5


async def test_a_redis_that_answers_nothing_is_waited_for_once_and_not_by_every_request(
    own_redis: redis_server.Server, prefix: str
) -> None:
    async with gateway(own_redis.url, prefix) as limits:
        ask, asked = limits._take, 0

        async def counted(**what: Any) -> Any:
            nonlocal asked
            asked += 1
            return await ask(**what)

        limits._take = counted
        await limits.take("ana")
        own_redis.freeze()
        try:
            assert await taken(limits, "ana", 4) == 4
            assert asked == 2
        finally:
            own_redis.thaw()
