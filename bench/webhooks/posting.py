"""Posts bodies to a product's gateway, signed as Meta signs them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Sequence

import aiohttp

from bench.harness.product import Product

_NO_ANSWER = 0


async def post(running: Product, channel: str, raw: bytes, *, secret: str | None = None) -> int:
    """The status; 0 where there was no answer. `secret`: of another app than the accounts' usual one."""
    key = (secret or running.settings.app_secret).encode()
    headers = {
        "X-Hub-Signature-256": f"sha256={hmac.new(key, raw, hashlib.sha256).hexdigest()}",
        "Content-Type": "application/json",
    }
    url = f"{running.address}/webhooks/{channel}/webhook"
    try:
        async with running.http.post(url, data=raw, headers=headers) as response:
            await response.read()
            return response.status
    except (aiohttp.ClientError, asyncio.TimeoutError, OSError):
        return _NO_ANSWER


async def post_all(running: Product, channel: str, raws: Sequence[bytes], *, at_once: int) -> list[int]:
    """The status of each."""
    statuses = [_NO_ANSWER] * len(raws)
    left = iter(range(len(raws)))

    async def one_after_the_other() -> None:
        for n in left:
            statuses[n] = await post(running, channel, raws[n])

    await asyncio.gather(*(one_after_the_other() for _ in range(at_once)))
    return statuses
