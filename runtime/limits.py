"""How often somebody may ask: a bucket each, which fills again with time. What is asked beyond that is refused."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from conversation.errors import TooMany
from conversation.said import say


@dataclass(frozen=True, kw_only=True)
class Rate:
    """So many at once, and so many a second in the long run."""

    burst: float
    per_s: float


class Limits(Protocol):
    async def take(self, who: str, *, rate: Rate | None = None, cost: float = 1.0) -> None:
        """Takes from `who`'s bucket, of the usual rate unless another is given; `TooMany` where it is empty."""
        ...

    async def close(self) -> None: ...


class LocalLimits:
    """Within this process. `most`: how many buckets are remembered; the longest untouched are forgotten."""

    def __init__(self, usual: Rate, *, now: Callable[[], float] = time.monotonic, most: int = 10_000) -> None:
        self._usual, self._now, self._most = usual, now, most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    async def take(self, who: str, *, rate: Rate | None = None, cost: float = 1.0) -> None:
        rate = rate or self._usual
        now = self._now()
        level, at = self._buckets.pop(who, (rate.burst, now))
        level = min(rate.burst, level + (now - at) * rate.per_s)
        enough = level >= cost
        self._buckets[who] = (level - cost if enough else level, now)
        while len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        if not enough:
            raise too_many((cost - level) / rate.per_s)

    async def close(self) -> None:
        """Nothing is open."""


def too_many(wait_s: float) -> TooMany:
    seconds = max(1, round(wait_s))
    return TooMany(say("Too many requests: come again in {seconds} s.", seconds=seconds), retry_after_s=wait_s)
