"""One request to the product: whole, slowly, or cut off on purpose."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from emulator.parcels import Outcome

_ANSWER_KEPT = 20_000
_PIECES_PER_S = 20
_RESET_AT_ONCE = struct.pack("ii", 1, 0)


async def ask(http: aiohttp.ClientSession, method: str, url: str, timeout_ms: int, **options: Any) -> Outcome:
    started = time.monotonic()
    timeout = aiohttp.ClientTimeout(total=timeout_ms / 1000)
    try:
        # Never followed: a redirect could lead off this machine.
        async with http.request(method, url, timeout=timeout, allow_redirects=False, **options) as response:
            answer = (await response.content.read(_ANSWER_KEPT)).decode("utf-8", "replace")
            return Outcome(status=response.status, ms=_ms_since(started), answer=answer)
    except asyncio.TimeoutError:
        return Outcome(status=0, ms=_ms_since(started), problem="no answer in time")
    except (aiohttp.ClientError, OSError) as error:
        return Outcome(status=0, ms=_ms_since(started), problem=_plainly(error))


async def slowly(body: bytes, bytes_per_s: int) -> AsyncIterator[bytes]:
    """With `Content-Length` given beside it, as a whole body has it."""
    step = max(1, bytes_per_s // _PIECES_PER_S)
    for start in range(0, len(body), step):
        piece = body[start : start + step]
        yield piece
        await asyncio.sleep(len(piece) / bytes_per_s)


async def cut_off(url: str, body: bytes, headers: dict[str, str], where: str, timeout_ms: int) -> Outcome:
    """Says so much of the request and goes away; nobody will know whether it was taken."""
    started = time.monotonic()
    try:
        await asyncio.wait_for(_cut_off(url, body, headers, where), timeout_ms / 1000)
    except asyncio.TimeoutError:
        return Outcome(status=0, ms=_ms_since(started), problem="no answer in time")
    except OSError:
        return Outcome(status=0, ms=_ms_since(started), problem="nothing listens there")
    return Outcome(status=0, ms=_ms_since(started), problem=f"cut off on purpose ({where})")


async def _cut_off(url: str, body: bytes, headers: dict[str, str], where: str) -> None:
    parts = urlsplit(url)
    _, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
    try:
        if where != "before":
            said = {**headers, "Host": parts.netloc, "Content-Length": str(len(body)), "Connection": "close"}
            head = f"POST {parts.path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in said.items()) + "\r\n"
            writer.write(head.encode() + (body[: len(body) // 2] if where == "body" else body))
            await writer.drain()
        if where == "reset":
            # What was written has to be on its way before the reset overtakes it.
            await asyncio.sleep(0.02)
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_ONCE)
    finally:
        writer.close()


def _ms_since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 2)


def _plainly(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorError):
        return "nothing listens there"
    return "the connection broke"
