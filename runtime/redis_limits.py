"""The buckets of `limits.py` in Redis, so that several gateways count together; each counts alone while it is away."""

from __future__ import annotations

import contextlib
import hashlib
import time
from typing import Any

import redis.asyncio as redis
import structlog

from runtime.limits import LocalLimits, Rate, too_many

log = structlog.get_logger()

#: A request waits this long for it, once; those of the next seconds do not.
_TIMEOUT_S = 0.25
_LEFT_ALONE_S = 2.0
#: By Redis's own clock, which is everybody's. Answers with the seconds to wait, as text; "0" is taken.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local burst, per_s, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local known = redis.call('HMGET', KEYS[1], 'level', 'at')
local level, at = tonumber(known[1] or burst), tonumber(known[2] or now)
level = math.min(burst, level + math.max(0, now - at) * per_s)
local wait = 0
if level >= cost then level = level - cost else wait = (cost - level) / per_s end
redis.call('HSET', KEYS[1], 'level', string.format('%.9f', level), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - level) / per_s * 1000) + 1000)
return string.format('%.6f', wait)
"""


class RedisLimits:
    """`alone`: what counts while Redis is away."""

    def __init__(self, url: str, prefix: str, usual: Rate, alone: LocalLimits) -> None:
        self._prefix, self._usual, self._alone = prefix, usual, alone
        self._client: Any = redis.from_url(url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S)
        self._take: Any = self._client.register_script(_TAKE)
        self._not_before = 0.0
        self._is_away = False

    async def take(self, who: str, *, rate: Rate | None = None, cost: float = 1.0) -> None:
        rate = rate or self._usual
        wait_s = await self._asked(who, rate, cost)
        if wait_s is None:
            await self._alone.take(who, rate=rate, cost=cost)
        elif wait_s > 0:
            raise too_many(wait_s)

    async def close(self) -> None:
        with contextlib.suppress(Exception):
            await self._client.connection_pool.disconnect()

    async def _asked(self, who: str, rate: Rate, cost: float) -> float | None:
        """Seconds to wait; None where Redis does not say."""
        if time.monotonic() < self._not_before:
            return None
        if self._is_away:
            self._not_before = time.monotonic() + _LEFT_ALONE_S  # one asks whether it is back
        try:
            wait_s = float(await self._take(keys=[self._key(who)], args=[rate.burst, rate.per_s, cost]))
        except Exception as error:
            self._not_before = time.monotonic() + _LEFT_ALONE_S
            if not self._is_away:  # said once, not at each try
                log.warning("limits_counted_alone", error=type(error).__name__)
            self._is_away = True
            return None
        if self._is_away:
            log.info("limits_counted_together")
            self._is_away, self._not_before = False, 0.0
        return wait_s

    def _key(self, who: str) -> str:
        """Who asks may be an address or a name: neither is written to Redis."""
        return f"{self._prefix}:limit:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
