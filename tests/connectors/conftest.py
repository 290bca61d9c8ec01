"""Payloads, a real server that speaks Graph API, and the real webhook server, for every channel's tests."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from rasa.core.channels.channel import register
from sanic import Sanic

from connectors.webhook import WebhookConnector
from conversation.arrivals import Arrival
from conversation.webhook import Came


@pytest.fixture
def payload() -> Callable[[str, str], Any]:
    """One of our own bodies, by channel and kind."""
    folder = Path(__file__).parent / "payloads"
    return lambda channel, kind: json.loads((folder / channel / f"{kind}.json").read_text())


@dataclass
class Answer:
    """What the Graph server does with a request: answers, cuts the connection, or says nothing."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    silent: bool = False


class GraphServer:
    """Takes every request, JSON or a form, remembers it, and answers as told."""

    def __init__(self) -> None:
        self.answer = Answer(body={"messages": [{"id": "given.by.graph"}]})
        self.received: list[SimpleNamespace] = []
        self.released = asyncio.Event()
        self.url = ""

    def answers(self, **told: Any) -> None:
        """`status`, `body`, `headers`; or `cut`; or `silent` until released."""
        self.answer = Answer(**told)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        plain = request.content_type == "application/json"
        body = await request.json() if plain else {name: read(field) for name, field in (await request.post()).items()}
        self.received.append(SimpleNamespace(path=request.path, headers=request.headers, body=body))
        if self.answer.silent:
            await self.released.wait()
        answer = self.answer
        if answer.cut:
            assert request.transport is not None
            request.transport.abort()
        if isinstance(answer.body, str):
            return web.Response(status=answer.status, text=answer.body, headers=answer.headers)
        return web.json_response(answer.body, status=answer.status, headers=answer.headers)


def read(field: Any) -> Any:
    """A field of a form; of a file, what the request held of it."""
    if not isinstance(field, web.FileField):
        return field
    return SimpleNamespace(content=field.file.read(), filename=field.filename, content_type=field.content_type)


@contextlib.asynccontextmanager
async def listening_to(handle: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """A server whose every request goes to `handle`; gives its address."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    listening = bound_socket()
    await web.SockSite(runner, listening).start()
    try:
        yield address_of(listening)
    finally:
        await runner.cleanup()


@pytest.fixture
async def graph() -> AsyncIterator[GraphServer]:
    server = GraphServer()
    async with listening_to(server.handle) as server.url:
        yield server
        server.released.set()


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A port that takes connections for whoever serves it."""
    taken = bound_socket()
    yield taken
    taken.close()


@pytest.fixture
def nobody_there() -> str:
    """An address where nothing listens."""
    taken = bound_socket()
    address = address_of(taken)
    taken.close()
    return address


def bound_socket() -> socket.socket:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(64)
    return listening


def address_of(listening: socket.socket) -> str:
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


class FakeEntrance:
    """Keeps what was accepted; `broken` makes it fail as a database does."""

    def __init__(self, secrets: Mapping[str, tuple[str, ...]], verify_token: str = "our-token") -> None:
        self.verify_token = verify_token
        self.known = secrets
        self.accepted: list[Arrival] = []
        self.came: list[Came | None] = []
        self.broken: str | None = None

    async def secrets(self, channel: str, *, fresh: bool = False) -> Mapping[str, tuple[str, ...]]:
        if self.broken == "secrets":
            raise RuntimeError("database gone, and here is a customer's text")
        return self.known

    async def accept(self, channel: str, arrivals: Sequence[Arrival], came: Came | None = None) -> None:
        if self.broken == "accept":
            raise RuntimeError("database gone, and here is a customer's text")
        self.accepted += arrivals
        self.came.append(came)


@pytest.fixture
def entrance() -> FakeEntrance:
    """Two accounts of one app, the second while its secret is replaced, and one of another app."""
    return FakeEntrance({"A1": ("secret-a",), "A2": ("secret-a-new", "secret-a"), "B1": ("secret-b",)})


Serve = Callable[["WebhookConnector", "FakeEntrance | None"], Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serves a connector as Rasa does; gives the address of its routes."""
    Sanic.test_mode = True
    running = []

    async def start(connector: WebhookConnector, entrance: FakeEntrance | None) -> str:
        app = Sanic(f"webhooks-{uuid.uuid4().hex}")
        if entrance is not None:
            app.ctx.baton = SimpleNamespace(entrance=entrance)
        register([connector], app, route="/webhooks/")
        listening = bound_socket()
        server = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
        assert server is not None
        await server.startup()
        running.append(server)
        return f"{address_of(listening)}/webhooks/{connector.name()}"

    yield start
    for server in running:
        await server.close()
