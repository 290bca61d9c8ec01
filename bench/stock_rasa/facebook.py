"""Stock Rasa as people run it: `rasa run` with its `facebook` channel on SQLite, and `rasa run actions` beside it."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import sqlalchemy as sa
import yaml

from bench.harness import figures, processes
from bench.harness.entry import CannotMeasure
from bench.harness.processes import Child
from bench.load.posting import Webhook
from bench.stock_rasa import graph
from bench.stock_rasa.graph import SlowGraph

_SECRET, _PAGE = "not-a-secret", "1"
_START_S = 180.0
_WEBHOOK_S = 300.0
_TEXT = "what are your opening hours?"


@dataclass(frozen=True, kw_only=True)
class Said:
    """A customer's message, with the id Meta would give it."""

    customer: str
    text: str
    mid: str


@dataclass(kw_only=True)
class StockRasa:
    url: str
    graph: SlowGraph
    http: aiohttp.ClientSession
    child: Child
    start: Callable[[], Awaitable[Child]]
    customers: int = 0

    @property
    def webhook_url(self) -> str:
        return f"{self.url}/webhooks/facebook/webhook"

    async def kill(self) -> None:
        """As a power cut would. Its action server goes on: what it answers is not kept there."""
        self.child.kill()
        await self.child.process.wait()

    async def restart(self) -> None:
        await self.child.stop()
        self.child = await self.start()

    async def measure(self, *, latency_ms: float, seconds: float, at_once: int) -> dict[str, Any]:
        """Webhooks a second, `at_once` of them at any time, each from a customer of its own."""
        self.graph.latency_ms = latency_ms
        # Four requests to Graph a turn; at least two webhooks, however long they take.
        count = max(2, int(seconds / (0.04 + 4 * latency_ms / 1000)))
        first = self.customers
        self.customers += count
        left, times = iter(range(first, first + count)), list[float]()
        began, asked = time.monotonic(), self.graph.requests

        async def customer() -> None:
            for n in left:
                times.append(await self._post(f"{7_000_000_000_000 + n}"))

        await asyncio.gather(*(customer() for _ in range(at_once)))
        took = time.monotonic() - began
        said = [self.graph.messages[f"{7_000_000_000_000 + n}"] for n in range(first, first + count)]
        return {
            "latency_ms": latency_ms,
            "webhooks": count,
            "at_once": at_once,
            "webhooks_per_s": round(count / took, 3),
            "ack_ms": figures.times_ms(times),
            "graph_requests": self.graph.requests - asked,
            "answered": sum(n > 0 for n in said),
        }

    async def _post(self, sender: str) -> float:
        made = webhook(Said(customer=sender, text=_TEXT, mid=f"m.{sender}"))
        headers = {"Content-Type": "application/json", **made.headers}
        began = time.monotonic()
        async with self.http.post(self.webhook_url, data=made.body, headers=headers) as response:
            answer = await response.text()
            if response.status != 200 or answer != "success":
                raise CannotMeasure(f"Stock Rasa answered {response.status} {answer[:100]!r} to a webhook.")
        return (time.monotonic() - began) * 1000


def webhook(*said: Said) -> Webhook:
    """One signed body with all of it, as Meta sends several at once under load."""
    now_ms = int(time.time() * 1000)
    events = [
        {
            "sender": {"id": each.customer},
            "recipient": {"id": _PAGE},
            "timestamp": now_ms,
            "message": {"mid": each.mid, "text": each.text},
        }
        for each in said
    ]
    body = json.dumps({"object": "page", "entry": [{"id": _PAGE, "time": now_ms, "messaging": events}]})
    signature = hmac.new(_SECRET.encode(), body.encode(), hashlib.sha1).hexdigest()
    headers = {"X-Hub-Signature": f"sha1={signature}"}
    return Webhook(id=said[0].mid, customer=said[0].customer, key=said[0].customer, body=body, headers=headers)


@contextlib.asynccontextmanager
async def running(home: Path, model: Path, *, database_url: str | None = None) -> AsyncIterator[StockRasa]:
    """Up, its model loaded. Its files are in `home`, its database too where no PostgreSQL is named."""
    async with contextlib.AsyncExitStack() as stack:
        slow = await stack.enter_async_context(graph.running())
        actions_url = await stack.enter_async_context(action_server(home))
        port = free_port()
        credentials, endpoints = _write_settings(home, actions_url, database_url)
        arguments = ["--graph", slow.url, "run", "--interface", "127.0.0.1", "--port", str(port), "--model", str(model)]
        arguments += ["--credentials", str(credentials), "--endpoints", str(endpoints)]
        timeout, connector = aiohttp.ClientTimeout(total=_WEBHOOK_S), aiohttp.TCPConnector(limit=0)
        http = await stack.enter_async_context(aiohttp.ClientSession(timeout=timeout, connector=connector))
        url = f"http://127.0.0.1:{port}"

        async def start() -> Child:
            child = await processes.start(
                "stock Rasa", ["bench.stock_rasa.serve", *arguments], env=_environment(), log=home / "stock.log"
            )
            try:
                await answers(http, f"{url}/webhooks/facebook/", child, _START_S)
            except BaseException:
                await child.stop()
                raise
            return child

        rasa = StockRasa(url=url, graph=slow, http=http, child=await start(), start=start)
        try:
            yield rasa
        finally:
            await rasa.child.stop()


@contextlib.asynccontextmanager
async def action_server(home: Path) -> AsyncIterator[str]:
    """Our `actions/`, behind HTTP as Rasa has it; its address for `action_endpoint`."""
    async with action_process(home) as (_, url):
        yield url


@contextlib.asynccontextmanager
async def action_process(home: Path) -> AsyncIterator[tuple[Child, str]]:
    port = free_port()
    arguments = ["rasa", "run", "actions", "--actions", "actions", "--port", str(port)]
    child = await processes.start("action server", arguments, env=_environment(), log=home / "actions.log")
    try:
        async with aiohttp.ClientSession() as http:
            await answers(http, f"http://127.0.0.1:{port}/health", child, _START_S)
        yield child, f"http://127.0.0.1:{port}/webhook"
    finally:
        await child.stop()


async def answers(http: aiohttp.ClientSession, url: str, child: Child, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline and child.process.returncode is None:
        with contextlib.suppress(aiohttp.ClientError, asyncio.TimeoutError):
            async with http.get(url, timeout=aiohttp.ClientTimeout(total=5)) as response:
                if response.status == 200:
                    return
        await asyncio.sleep(0.05)
    raise CannotMeasure(f"The {child.name} does not answer at {url}.{child.tail()}")


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _write_settings(home: Path, actions_url: str, database_url: str | None) -> tuple[Path, Path]:
    credentials, endpoints = home / "stock-credentials.yml", home / "stock-endpoints.yml"
    facebook = {"verify": "not-a-secret", "secret": _SECRET, "page-access-token": "none"}
    credentials.write_text(yaml.safe_dump({"facebook": facebook}))
    store = _tracker_store(home, database_url)
    endpoints.write_text(yaml.safe_dump({"tracker_store": store, "action_endpoint": {"url": actions_url}}))
    return credentials, endpoints


def _tracker_store(home: Path, database_url: str | None) -> dict[str, Any]:
    if database_url is None:
        return {"type": "SQL", "dialect": "sqlite", "db": str(home / "stock.db")}
    url = sa.engine.make_url(database_url)
    given = {"url": url.host, "port": url.port, "db": url.database, "username": url.username, "password": url.password}
    named = {name: value for name, value in given.items() if value is not None}
    return {"type": "SQL", "dialect": "postgresql", "query": dict(url.query), **named}


def _environment() -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if name not in ("PORT", "HOST", "BATON_HOME")}
    return {**mine, "RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}
