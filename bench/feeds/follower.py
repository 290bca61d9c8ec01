"""One desk on the feed: cut off now and then, it comes again and goes on after the last event it has read."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import msgspec

_AGAIN_S = 0.1


class _Head(msgspec.Struct):
    """What is looked at of a message."""

    type: str
    id: int | None = None
    last: int | None = None
    kind: str | None = None
    facts: dict[str, Any] = msgspec.field(default_factory=dict)


_read = msgspec.json.Decoder(_Head).decode


@dataclass(kw_only=True)
class Follower:
    """`accounts`: those it may see; None: all. `committed_ns`: when each notice of the bench's own was committed."""

    url: str
    token: str
    accounts: frozenset[str] | None
    committed_ns: Mapping[int, int]
    start: int | None = None
    read: list[int] = field(default_factory=list)
    late_ms: list[float] = field(default_factory=list)
    resets: int = 0
    resumed: int = 0
    refused: list[str] = field(default_factory=list)
    last_n: int = -1
    pause_s: float = 0.0
    _line: Any = None  # an aiohttp.ClientWebSocketResponse

    @property
    def is_connected(self) -> bool:
        return self._line is not None

    async def run(self, http: aiohttp.ClientSession) -> None:
        """Until cancelled."""
        while True:
            with contextlib.suppress(aiohttp.ClientError, asyncio.TimeoutError, OSError):
                await self._follow(http)
            await asyncio.sleep(self.pause_s or _AGAIN_S)
            self.pause_s = 0.0

    def drop(self, pause_s: float) -> None:
        """The line is cut, without a word; what was on its way is lost."""
        line, self._line, self.pause_s = self._line, None, pause_s
        transport = line._conn.transport if line is not None and line._conn is not None else None
        if transport is not None:
            transport.abort()

    async def _follow(self, http: aiohttp.ClientSession) -> None:
        async with http.ws_connect(self.url, max_msg_size=0) as line:
            after = self.read[-1] if self.read else self.start
            await line.send_str(msgspec.json.encode({"type": "auth", "token": self.token, "after": after}).decode())
            ready_ns = 0
            try:
                async for message in line:
                    if message.type is not aiohttp.WSMsgType.TEXT:
                        break
                    told = _read(message.data)
                    if told.type == "ready":
                        ready_ns = time.monotonic_ns()
                        self.resumed += self.start is not None
                        self.start = told.last if self.start is None else self.start
                        self._line = line
                    elif told.type == "event" and told.id is not None:
                        self._event(told, told.id, ready_ns)
                    elif told.type == "reset":
                        self.resets += 1
            finally:
                self._line = None
            if line.close_code not in (1001, 1006, None):
                self.refused.append(str(line.close_code))

    def _event(self, told: _Head, number: int, ready_ns: int) -> None:
        self.read.append(number)
        if told.kind != "bench":
            return
        self.last_n = told.facts["n"]
        at_ns = self.committed_ns.get(self.last_n)
        if at_ns is not None and at_ns > ready_ns:  # told live, and not on coming again
            self.late_ms.append((time.monotonic_ns() - at_ns) / 1e6)
