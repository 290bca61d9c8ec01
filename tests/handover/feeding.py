"""A desk on the feed's socket, and what it was told; each message is held against what the feed says it says."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec

from handover import feed_messages
from tests.handover.conftest import Api
from tests.house import DEADLINE_S

TOLD = msgspec.json.Decoder(feed_messages.Told)


class Desk:
    def __init__(self, socket: Any) -> None:
        self.socket = socket
        self.last: int | None = None  # the last event that was read

    async def say(self, **message: Any) -> None:
        await self.socket.send_json(message)

    async def next(self) -> Any:
        """The next message, whatever it is; what does not fit its struct fails."""
        message = await asyncio.wait_for(self.socket.receive(), DEADLINE_S)
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise Closed(self.socket.close_code)
        told: Any = TOLD.decode(message.data)
        assert msgspec.json.decode(message.data) == msgspec.to_builtins(told), "nothing that is not in the struct"
        if isinstance(told, feed_messages.Event):
            assert self.last is None or told.id > self.last
            self.last = told.id
        return told

    async def until(self, kind: type[Any], /, **facts: Any) -> Any:
        """The next of this kind that has these facts."""
        while True:
            told = await self.next()
            if isinstance(told, kind) and all(getattr(told, name) == value for name, value in facts.items()):
                return told

    async def events(self, many: int) -> list[Any]:
        return [await self.until(feed_messages.Event) for _ in range(many)]

    async def quiet(self) -> list[Any]:
        """All that was told until an answer that was asked for just now."""
        await self.say(type="ping")
        found: list[Any] = []
        while not isinstance(told := await self.next(), feed_messages.Pong):
            found.append(told)
        return found

    async def close_code(self) -> int | None:
        """Why it was closed, once it is."""
        with contextlib.suppress(Closed):
            while True:
                await self.next()
        return self.socket.close_code


class Closed(Exception):
    """The other end has closed."""


@contextlib.asynccontextmanager
async def connected(api: Api) -> AsyncIterator[Desk]:
    async with api.session.ws_connect(api.address + "/ws", max_msg_size=0) as socket:
        yield Desk(socket)


@contextlib.asynccontextmanager
async def following(api: Api, by: str = "ana", **more: Any) -> AsyncIterator[Desk]:
    async with connected(api) as desk:
        await desk.say(type="auth", token=api.tokens[by], language="en", **more)
        await desk.until(feed_messages.Ready, operator=by)
        yield desk
