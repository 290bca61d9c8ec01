"""A Redis that takes words and answers nothing keeps no operator waiting."""

from __future__ import annotations

import asyncio

from bench.services import redis_server
from runtime.bus import running
from runtime.limits import LocalLimits, Rate
from runtime.redis_bus import RedisBus
from runtime.redis_limits import RedisLimits
from tests.handover.conftest import Api
from tests.house import eventually
from tests.services import sqlite_only

USUAL = Rate(burst=100, per_s=100)


@sqlite_only
async def test_requests_are_answered_while_redis_is_silent(api: Api, own_redis: redis_server.Server) -> None:
    limits = RedisLimits(own_redis.url, "baton:x", USUAL, LocalLimits(USUAL))
    bus = RedisBus(own_redis.url, "baton:x")
    api.house.limits, api.house.bus = limits, bus
    async with running(bus):
        await eventually(lambda: bus.reaches)
        assert (await api.get("/me"))[0] == 200
        own_redis.freeze()
        try:
            answers = asyncio.gather(*(api.get("/me") for _ in range(20)))
            assert {status for status, _ in await asyncio.wait_for(answers, 10)} == {200}
        finally:
            own_redis.thaw()
    await limits.close()
