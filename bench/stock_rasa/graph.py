"""A slow Graph API for stock Rasa: takes every Messenger request, waits, says yes, and counts the messages."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator

from aiohttp import web


class SlowGraph:
    def __init__(self) -> None:
        self.latency_ms = 0.0
        self.requests = 0
        self.messages: Counter[str] = Counter()  # by recipient
        self.arrivals: list[tuple[str, int]] = []  # of messages: recipient, `time.monotonic_ns()`
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.requests += 1
        if "message" in body:
            self.messages[body["recipient"]["id"]] += 1
            self.arrivals.append((body["recipient"]["id"], time.monotonic_ns()))
        await asyncio.sleep(self.latency_ms / 1000)
        return web.json_response({"recipient_id": body["recipient"]["id"], "message_id": f"m.{self.requests}"})


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[SlowGraph]:
    graph = SlowGraph()
    app = web.Application()
    app.router.add_post("/{version}/me/messages", graph.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        graph.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield graph
    finally:
        await runner.cleanup()
