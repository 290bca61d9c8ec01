"""Whom alerts are told: a web server that writes down which conversation, or which account, each was about."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Listener:
    url: str = ""
    heard: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    async def take(self, request: web.Request) -> web.Response:
        told = await request.json()
        self.heard[told.get("conversation") or told.get("account_id") or ""].append(told["event"])
        return web.Response()


@contextlib.asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    listener, app = Listener(), web.Application()
    app.router.add_post("/", listener.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        listener.url = f"http://{host}:{port}/"
        yield listener
    finally:
        await runner.cleanup()
