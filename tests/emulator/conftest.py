"""A running emulator, and a small server that plays the product it talks to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from emulator import server
from emulator.settings import start_from

ACCOUNT = "100000000000001"
ANA, BEN = "5511988887777", "14155550123"
DEADLINE_S = 5.0


@dataclass
class Webhook:
    raw: bytes
    headers: dict[str, str]

    @property
    def value(self) -> Any:
        return json.loads(self.raw)["entry"][0]["changes"][0]["value"]


@dataclass
class Product:
    """Keeps what it gets; answers with the codes in `answers`, then 200."""

    url: str = ""
    webhooks: list[Webhook] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    api: list[tuple[str, str, Any, str | None]] = field(default_factory=list)
    conversations: list[dict[str, Any]] = field(default_factory=list)
    api_status: int = 200

    async def hook(self, request: web.Request) -> web.Response:
        self.webhooks.append(Webhook(await request.read(), dict(request.headers)))
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    async def handshake(self, request: web.Request) -> web.Response:
        if request.query["hub.verify_token"] != "verify me" or request.query["hub.mode"] != "subscribe":
            return web.Response(status=403)
        return web.Response(text=request.query["hub.challenge"])

    async def serve_api(self, request: web.Request) -> web.Response:
        body = await request.json() if request.method == "POST" else None
        self.api.append((request.method, request.path_qs, body, request.headers.get("Authorization")))
        if self.api_status != 200:
            return web.json_response({"error": {"message": "taken by somebody else"}}, status=self.api_status)
        if request.method == "GET":
            return web.json_response({"items": self.conversations})
        for conversation in self.conversations:
            conversation.update(state="human", owner={"name": "Marina"})
        return web.json_response({"state": "human", "in_flight": 2, "owner": {"name": "Marina"}})

    def values(self, key: str) -> list[Any]:
        """All items of `messages` or `statuses`, in the order they came."""
        return [item for webhook in self.webhooks for item in webhook.value.get(key, [])]

    async def until(self, fact: Callable[[], object], what: str = "") -> None:
        await until(fact, what or f"only got {[w.raw for w in self.webhooks]}")


async def until(fact: Callable[[], object], what: str = "") -> None:
    deadline = asyncio.get_running_loop().time() + DEADLINE_S
    while not fact():
        assert asyncio.get_running_loop().time() < deadline, f"not in time: {what}"
        await asyncio.sleep(0.005)


@dataclass
class Client:
    """Speaks to one running emulator."""

    http: aiohttp.ClientSession
    base: str

    async def control(self, method: str, path: str, body: Any = None, *, ok: bool = True) -> Any:
        headers = {"Content-Type": "application/json"}
        data = None if method == "GET" else json.dumps(body or {})
        async with self.http.request(method, f"{self.base}/emulator/{path}", data=data, headers=headers) as response:
            answer = await response.json()
            assert not ok or response.status == 200, answer
            return answer

    async def say(self, customer: str = ANA, **what: Any) -> Any:
        return await self.control("POST", "say", {"account": ACCOUNT, "customer": customer, **what})

    async def graph(
        self, body: Any, *, path: str = f"/v24.0/{ACCOUNT}/messages", token: str = "any"
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self.http.post(self.base + path, json=body, headers=headers) as response:
            return response.status, await response.json()

    async def ask(self, method: str, path: str, *, token: str = "any", **what: Any) -> tuple[int, Any]:
        """Any request to Graph API."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with self.http.request(method, f"{self.base}/v24.0/{path}", headers=headers, **what) as response:
            return response.status, await response.json()

    async def send(self, **body: Any) -> tuple[int, Any]:
        return await self.graph({"messaging_product": "whatsapp", "to": f"+{ANA}", **body})

    async def send_text(self, text: str = "Olá", **more: Any) -> str:
        status, answer = await self.send(type="text", text={"body": text}, **more)
        assert status == 200, answer
        return str(answer["messages"][0]["id"])

    async def until_health(self, **wanted: Any) -> None:
        deadline = asyncio.get_running_loop().time() + DEADLINE_S
        while wanted.items() - (health := await self.control("GET", "health")).items():
            assert asyncio.get_running_loop().time() < deadline, f"wanted {wanted}, not in time: {health}"
            await asyncio.sleep(0.005)

    async def requests(self, query: str = "") -> Any:
        return await self.control("GET", f"requests?{query}")


@pytest.fixture
async def product() -> AsyncIterator[Product]:
    playing = Product()
    app = web.Application()
    app.router.add_post("/webhooks/{channel}/webhook", playing.hook)
    app.router.add_get("/webhooks/whatsapp/webhook", playing.handshake)
    app.router.add_route("*", "/api/v1/{rest:.*}", playing.serve_api)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    playing.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield playing
    await runner.cleanup()


@pytest.fixture
def settings(product: Product) -> dict[str, Any]:
    """What the emulator is started with; a test may change it before it asks for `emulator`."""
    return {
        "webhook_base": product.url,
        "app_secret": "test-app-secret",
        "verify_token": "verify me",
        "demo": {"url": product.url, "token": "demo token"},
        "delivered_after_ms": 1,
        "retry_first_ms": 10,
        "retry_times": 3,
        "accounts": [{"id": ACCOUNT, "name": "Cantina", "display_phone_number": "+55 11 4002-8922"}],
    }


@pytest.fixture
async def emulator(settings: dict[str, Any]) -> AsyncIterator[Client]:
    async with server.running(start_from(settings), 0) as port, aiohttp.ClientSession() as http:
        yield Client(http, f"http://127.0.0.1:{port}")
