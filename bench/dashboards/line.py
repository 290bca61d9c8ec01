"""One socket, as a page of the dashboard opens it: all that it was told, kept in order."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bench.dashboards.page import ORIGIN
from bench.dashboards.rows import Unmet, must

WAIT_S = 30.0
Told = Mapping[str, Any]


@dataclass(kw_only=True)
class Line:
    socket: Any  # an aiohttp.ClientWebSocketResponse
    told: list[Told] = field(default_factory=list)

    async def say(self, **message: Any) -> None:
        await self.socket.send_json(message)

    async def hears(self, kind: str, which: Callable[[Told], bool] = lambda told: True) -> Told:
        """The first of its type that is meant, told already or still to come."""
        found = next((told for told in self.told if told.get("type") == kind and which(told)), None)
        deadline = asyncio.get_running_loop().time() + WAIT_S
        while found is None:
            told = await self._next(deadline, kind)
            found = told if told.get("type") == kind and which(told) else None
        return found

    async def closes(self, within_s: float = WAIT_S) -> int | None:
        """The code it is closed with."""
        deadline = asyncio.get_running_loop().time() + within_s
        with contextlib.suppress(_Closed):
            while True:
                await self._next(deadline, "a close")
        return self.socket.close_code

    async def _next(self, deadline: float, wanted: str) -> Told:
        left = deadline - asyncio.get_running_loop().time()
        try:
            message = await asyncio.wait_for(self.socket.receive(), max(left, 0.0))
        except asyncio.TimeoutError:
            heard = [told.get("type") for told in self.told]
            raise Unmet(f"it is not told {wanted} within {WAIT_S:.0f} s, but {heard}") from None
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise _Closed(f"it is closed with {self.socket.close_code} before {wanted} is told")
        told: Told = message.json()
        self.told.append(told)
        return told


class _Closed(Unmet):
    """Nothing more will come."""


@contextlib.asynccontextmanager
async def opened(http: aiohttp.ClientSession, address: str) -> AsyncIterator[Line]:
    try:
        async with http.ws_connect(address, origin=ORIGIN, max_msg_size=0) as socket:
            yield Line(socket=socket)
    except aiohttp.WSServerHandshakeError as refused:
        raise Unmet(f"the handshake is refused with {refused.status}: the page would try again and again") from None


@contextlib.asynccontextmanager
async def live(http: aiohttp.ClientSession, address: str, token: str) -> AsyncIterator[Line]:
    """As the current revision does: its first message says who it is for."""
    async with opened(http, address) as line:
        await line.say(type="auth", token=token)
        hello = await line.hears("connection_established")
        must(line.told[0] is hello, f"before `connection_established` it is told {line.told[0]}")
        yield line
