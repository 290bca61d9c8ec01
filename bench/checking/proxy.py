"""A proxy with TLS before the gateway, that does one thing wrong where it is told to."""

from __future__ import annotations

import contextlib
import io
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
from aiohttp import web

#: What a proxy does wrong.
WRONGS = ("rewrites", "drops_signature", "small", "redirects", "other_path", "swallows", "down")
_MOST = 8 * 1024 * 1024
_SMALL = 1024 * 1024


@contextlib.asynccontextmanager
async def before(gateway: str, tls: ssl.SSLContext, wrong: str = "") -> AsyncIterator[int]:
    """Listens on a free port of this machine, which it gives."""
    async with aiohttp.ClientSession(auto_decompress=False) as http:
        app = web.Application(client_max_size=_MOST)
        app.router.add_route("*", "/{rest:.*}", _handler(http, gateway, wrong))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
            yield int(runner.addresses[0][1])
        finally:
            await runner.cleanup()


def _handler(
    http: aiohttp.ClientSession, gateway: str, wrong: str
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if wrong == "down":
            return web.Response(status=502, text="Bad Gateway")
        if wrong == "swallows":
            return web.Response(text=request.query.get("hub.challenge", "ok"))
        if wrong == "redirects":
            return web.Response(status=301, headers={"Location": "https://www.example.org/"})
        if wrong == "small" and len(body) > _SMALL:
            return web.Response(status=413, text="Request Entity Too Large")
        headers: dict[str, Any] = {
            k: v for k, v in request.headers.items() if k.lower() not in ("host", "content-length")
        }
        if wrong == "drops_signature":
            headers.pop("X-Hub-Signature-256", None)
        if wrong == "rewrites" and body:
            body = json.dumps(json.loads(body)).encode()
        path = request.path_qs.replace("/webhooks/", "/hooks/") if wrong == "other_path" else request.path_qs
        async with http.request(
            request.method, gateway + path, data=io.BytesIO(body) if body else None, headers=headers
        ) as there:
            return web.Response(status=there.status, body=await there.read())

    return answer
