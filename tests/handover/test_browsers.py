"""What browsers are told: nothing may run, nobody may frame it, and only the sites that were named may ask."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from sanic import Sanic

from app import door_settings
from handover import browsers
from tests import services
from tests.handover.conftest import Api

on_one = services.sqlite_only
PATHS = ["/api/v1/health", "/api/v1/conversations", "/api/v1/nothing", "/desk", "/webhooks/x"]

DESK = "https://desk.example.com"


@on_one
@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_is_guarded(api: Api, path: str) -> None:
    async with api.session.get(api.address + path) as response:
        headers = response.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in headers
    assert "Strict-Transport-Security" not in headers
    assert headers["Cache-Control"] == ("no-cache" if path == "/desk" else "no-store")


@pytest.fixture
async def open_to_desk(api: Api) -> AsyncIterator[str]:
    """The same API, which the pages of another site may ask."""
    from app import gateway

    app = gateway.make_app(api.house, origins=(DESK,), https=True)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(16)
    server = await app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
    assert server is not None
    await server.startup()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/api/v1"
    server.close()
    await server.wait_closed()
    Sanic._app_registry.pop(app.name, None)


@pytest.fixture(autouse=True)
def one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two servers of one name live in this process."""
    monkeypatch.setattr(Sanic, "test_mode", True)


async def ask(session: aiohttp.ClientSession, method: str, url: str, **headers: str) -> Any:
    async with session.request(method, url, headers=headers) as response:
        await response.read()
        return SimpleNamespace(status=response.status, headers=response.headers)


@on_one
async def test_a_site_that_was_named_may_ask_with_a_token(api: Api, open_to_desk: str) -> None:
    first = await ask(
        api.session, "OPTIONS", f"{open_to_desk}/conversations", Origin=DESK, **{"Access-Control-Request-Method": "GET"}
    )
    assert (first.status, first.headers["Access-Control-Allow-Origin"]) == (204, DESK)
    assert "Authorization" in first.headers["Access-Control-Allow-Headers"]
    token = f"Bearer {api.tokens['ana']}"
    then = await ask(api.session, "GET", f"{open_to_desk}/conversations", Origin=DESK, Authorization=token)
    assert (then.status, then.headers["Access-Control-Allow-Origin"], then.headers["Vary"]) == (200, DESK, "Origin")
    assert "Access-Control-Allow-Credentials" not in then.headers
    assert then.headers["Strict-Transport-Security"].startswith("max-age=")
    assert (await ask(api.session, "GET", f"{open_to_desk}/conversations", Origin=DESK)).status == 401


@on_one
@pytest.mark.parametrize(
    "origin", ["https://evil.example.com", DESK + ".evil.example", "null", "http://desk.example.com"]
)
async def test_no_other_site_may(api: Api, open_to_desk: str, origin: str) -> None:
    first = await ask(api.session, "OPTIONS", f"{open_to_desk}/conversations", Origin=origin)
    assert (first.status, "Access-Control-Allow-Origin" in first.headers) == (403, False)
    then = await ask(api.session, "GET", f"{open_to_desk}/health", Origin=origin)
    assert "Access-Control-Allow-Origin" not in then.headers


def test_what_is_no_origin_is_told() -> None:
    faults: list[str] = []
    assert door_settings.origins({"BATON_CORS_ORIGINS": f"{DESK}/, http://localhost:3000"}, faults) == (
        DESK,
        "http://localhost:3000",
    )
    assert faults == []
    for wrong in ("*", "desk.example.com", f"{DESK}/page", "ftp://x"):
        door_settings.origins({"BATON_CORS_ORIGINS": wrong}, faults)
    assert len(faults) == 4


def test_paths_of_others_are_left_alone() -> None:
    assert not browsers._is_under("/webhooksy", "/webhooks")
    assert browsers._is_under("/webhooks/whatsapp/webhook", "/webhooks")
