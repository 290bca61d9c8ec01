"""The real Sanic app of the gateway on a port of its own, with the stage's runtime behind it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from argon2 import PasswordHasher
from sanic import Sanic

from app import gateway
from connectors import ways_in
from conversation.account import Channel
from handover import feed_events
from runtime.account_setup import AccountSetup, Surroundings
from runtime.actors import stop
from runtime.agent_setup import AgentSetup
from runtime.alert_settings import AlertingSettings
from runtime.alerting import Alerting
from runtime.bus import LocalBus
from runtime.businesses import Businesses
from runtime.erasing import Erasing
from runtime.hub import Hub
from runtime.instagram_connecting import InstagramConnecting
from runtime.limits import LocalLimits, Rate
from runtime.media_files import MediaFolder
from runtime.numbering import Numbering
from runtime.own_profiles import OwnProfiles
from runtime.passwords import Passwords
from runtime.signing_in import SignIns
from runtime.thread_orders import ThreadOrders
from runtime.trying_out import TryingOut
from runtime.webhook_redrive import WebhookRedrive
from store import accounts, operators
from store.operators import Role
from tests import services, touched_up
from tests.handover.checking import checking_nobody
from tests.house import START, Stage

kind = services.each_kind

#: A hash that takes no time to make: what tests try is what comes of it.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PEOPLE = {"ana": Role.OPERATOR, "ben": Role.OPERATOR, "sonia": Role.SUPERVISOR, "chefe": Role.ADMIN}


@dataclass
class Api:
    """What a client of the API can do."""

    app: Sanic
    house: Any
    address: str
    tokens: dict[str, str]
    session: aiohttp.ClientSession
    language: str | None = "en"  # None: no header says so

    async def call(
        self,
        method: str,
        path: str,
        *,
        by: str | None = "ana",
        body: Any = None,
        raw: bytes | None = None,
        key: str | None = None,
    ) -> tuple[int, Any]:
        """`key`: under which a send is sent once."""
        headers = {"Accept-Language": self.language} if self.language else {}
        if key is not None:
            headers["Idempotency-Key"] = key
        if by:
            headers["Authorization"] = f"Bearer {self.tokens.get(by, by)}"
        sent: dict[str, Any] = {"data": raw} if raw is not None else {"json": body} if body is not None else {}
        async with self.session.request(method, self.address + path, headers=headers, **sent) as response:
            return response.status, await response.json(content_type=None)

    async def get(self, path: str, **given: Any) -> tuple[int, Any]:
        return await self.call("GET", "/api/v1" + path, **given)

    async def post(self, path: str, **given: Any) -> tuple[int, Any]:
        return await self.call("POST", "/api/v1" + path, **given)


@pytest.fixture
async def api(stage: Stage, tmp_path: Path) -> AsyncIterator[Api]:
    touched_up.install()
    hidden: list[str] = []
    told: list[str] = []
    model: dict[str, Any] = {"answering": "one", "loading": None, "failed": []}
    without_threads: Any = SimpleNamespace(threads=None)

    async def reach(account_id: str) -> Any:
        return SimpleNamespace(account=await stage.db.read(accounts.get, account_id))

    limits, bus = LocalLimits(Rate(burst=10_000, per_s=10_000)), LocalBus()
    house: Any = SimpleNamespace(
        db=stage.db,
        vault=stage.vault,
        clock=stage.clock,
        wake=stage.wake,
        ownership=stage.ownership,
        entrance=stage.entrance,
        ways_out={},
        alerting=Alerting(stage.db, stage.vault, stage.clock, stage.holder, AlertingSettings(), "http://localhost:1"),
        model=lambda: model,
        account_setup=AccountSetup(
            stage.db,
            stage.vault,
            stage.clock,
            stage.ownership,
            Surroundings(emulated=frozenset(Channel)),
            hidden.append,
            lambda account, secrets: told.append(account.provider_id),
        ),
        agent_setup=AgentSetup(stage.db, stage.vault, stage.clock, stage.ownership, hidden.append, {"127.0.0.1:11434"}),
        trying_out=TryingOut(stage.db, bus, stage.clock, patience_s=0.3),
        hidden=hidden,
        told=told,
        installation=lambda: {
            "version": "1",
            "channels": ["whatsapp"],
            "public_url": None,
            "database": "sqlite",
            "redis": False,
        },
        limits=limits,
        bus=bus,
        hub=Hub(stage.db, stage.wake, stage.clock, bus, feed_events.dressed),
        sign_ins=SignIns(stage.db, stage.vault, stage.clock, limits, bus, Passwords(CHEAP), session_hours=12),
        media_folder=MediaFolder(tmp_path / "media", max_mb=1),
        erasing=Erasing(stage.db, MediaFolder(tmp_path / "media", max_mb=1), bus, stage.clock, stage.settings),
        thread_orders=ThreadOrders(stage.db, {"whatsapp": without_threads}, reach, stage.clock),
        own_profiles=OwnProfiles({}, reach, stage.clock),
        businesses=Businesses(stage.db, {}, reach, stage.clock),
        checking=checking_nobody(stage, reach),
        instagram_connecting=InstagramConnecting(stage.db, stage.vault, stage.clock, None, None, hidden.append),
        redrive=WebhookRedrive(stage.db, stage.entrance, ways_in.read, stage.clock),
    )
    app = _served(house)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(16)
    server = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
    assert server is not None
    await server.startup()
    tokens = {name: await stage.db.write(operators.add, name, role, START) for name, role in PEOPLE.items()}
    beside = [asyncio.create_task(each.run()) for each in (house.hub, Numbering(stage.db, stage.wake))]
    async with aiohttp.ClientSession() as session, stage.wake.watching():
        yield Api(
            app=app,
            house=house,
            address=f"http://127.0.0.1:{listening.getsockname()[1]}",
            tokens=tokens,
            session=session,
        )
    for work in beside:
        await stop(work)
    server.close()
    await server.wait_closed()
    _kept(app)


#: The app of the tests before, with the routes it was made with: to make and to compile it takes most of a test's time,
#: and it knows nothing but its house.
_made: list[tuple[Sanic, int]] = []


def _served(house: Any) -> Sanic:
    """The gateway's app with this house: only what is made for the first test of a process is made at all."""
    if not _made:
        app = gateway.make_app(house)
        _made.append((app, len(app.router.routes)))
    ((app, _),) = _made
    app.ctx.baton, app.ctx.closing = house, asyncio.Event()
    return app


def _kept(app: Sanic) -> None:
    """The next test has it too, unless this one has changed its routes."""
    Sanic._app_registry.pop(app.name, None)
    if _made != [(app, len(app.router.routes))]:
        _made.clear()
