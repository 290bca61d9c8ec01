"""A gateway that stops answers whoever is waiting for news, and waits for nobody who has gone."""

from __future__ import annotations

import asyncio
import socket
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from sanic import Sanic

from app import gateway, runners
from handover import feed_events
from runtime.bus import LocalBus
from runtime.hub import Hub
from runtime.limits import LocalLimits, Rate
from store import operators, people
from store.operators import Role
from tests import services
from tests.house import DEADLINE_S, START, Stage, eventually

pytestmark = services.sqlite_only


class Running:
    """A gateway with nothing to deliver, and somebody who asks it for news."""

    def __init__(self, stage: Stage, token: str, session: aiohttp.ClientSession, **more: Any) -> None:
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        listening.listen(16)
        self.address = f"http://127.0.0.1:{listening.getsockname()[1]}/api/v1"
        self._wake, self._session, self._headers = stage.wake, session, {"Authorization": f"Bearer {token}"}
        self.stopping = asyncio.Event()
        idle: Any = SimpleNamespace(run=asyncio.Event().wait, drain=lambda _: asyncio.sleep(0))
        house: Any = SimpleNamespace(
            db=stage.db,
            clock=stage.clock,
            wake=stage.wake,
            ownership=stage.ownership,
            entrance=stage.entrance,
            settings=SimpleNamespace(address=self.address, cors_origins=(), public_url=None),
            limits=LocalLimits(Rate(burst=100, per_s=100)),
            **{**dict.fromkeys(runners.NAMES, idle), **more},
        )
        self.serving = asyncio.create_task(gateway.serve(house, listening, self.stopping))

    async def follow(self) -> asyncio.Task[tuple[int, Any]]:
        """A long request, once it is under way."""
        before = len(self._wake._listeners)
        task = asyncio.create_task(self._ask())
        await eventually(lambda: len(self._wake._listeners) > before, "the request is under way")
        return task

    async def _ask(self) -> tuple[int, Any]:
        last = 0
        async with self._session.get(f"{self.address}/notices", headers=self._headers) as response:
            last = (await response.json())["last"]
        path = f"{self.address}/notices?after={last}&wait=25"
        async with self._session.get(path, headers=self._headers) as response:
            return response.status, (await response.json())["items"]

    async def says(self) -> str:
        """What an answer says of its connection."""
        async with self._session.get(f"{self.address}/notices", headers=self._headers) as response:
            assert response.status == 200
            return response.headers["connection"]

    async def stop(self) -> None:
        self.stopping.set()
        await asyncio.wait_for(self.serving, DEADLINE_S)


@pytest.fixture
async def token(stage: Stage) -> str:
    def add(tx: Any) -> str:
        token = operators.add(tx, "ana", Role.OPERATOR, START)
        people.seen(tx, "ana", START)
        return token

    Sanic.test_mode = True
    return await stage.db.write(add)


async def test_who_waits_for_news_is_answered(stage: Stage, token: str) -> None:
    async with aiohttp.ClientSession() as session:
        running = Running(stage, token, session)
        asked = await running.follow()
        await running.stop()
        assert await asyncio.wait_for(asked, DEADLINE_S) == (200, [])


async def test_who_has_hung_up_is_not_waited_for(stage: Stage, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "_DRAIN_S", 3600.0)
    async with aiohttp.ClientSession() as session:
        running = Running(stage, token, session)
        others = len(stage.wake._listeners)
        asked = await running.follow()
        asked.cancel()
        await eventually(lambda: len(stage.wake._listeners) == others, "it is gone")
        await running.stop()


async def test_who_writes_on_a_kept_connection_meanwhile_is_answered_and_told_that_it_was_the_last(
    stage: Stage, token: str
) -> None:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
        running = Running(stage, token, session)
        assert await running.says() == "keep-alive"
        with stage.wake.listening() as bell:
            bell.clear()
            running.stopping.set()
            await asyncio.wait_for(bell.wait(), DEADLINE_S)  # it has begun to stop, and nothing is under way
        await asyncio.sleep(0.05)
        assert await asyncio.wait_for(running.says(), DEADLINE_S) == "close"
        await asyncio.wait_for(running.serving, DEADLINE_S)


async def test_who_follows_the_feed_is_told_to_go_on_elsewhere(stage: Stage, token: str) -> None:
    async with aiohttp.ClientSession() as session:
        bus = LocalBus()
        hub = Hub(stage.db, stage.wake, stage.clock, bus, feed_events.dressed)
        running = Running(stage, token, session, hub=hub, bus=bus)
        async with session.ws_connect(running.address.replace("/api/v1", "/ws")) as socket:
            await socket.send_json({"type": "auth", "token": token})
            assert (await socket.receive_json(timeout=DEADLINE_S))["type"] == "ready"
            running.stopping.set()
            while (await socket.receive(timeout=DEADLINE_S)).type is aiohttp.WSMsgType.TEXT:
                pass
            assert socket.close_code == 1001
            await asyncio.wait_for(running.serving, gateway._DRAIN_S)
