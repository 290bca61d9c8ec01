"""Keeps pages of other sites from driving the emulator, and stamps each request's arrival."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from urllib.parse import urlsplit

from aiohttp import web

from emulator.fields import is_loopback_host

# Each request is served in a task of its own, so this is the current request's.
received_ns: ContextVar[int] = ContextVar("received_ns")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def stamp(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Outermost: the time before anything else is done, above all before the body is read."""
    received_ns.set(time.monotonic_ns())
    return await handler(request)


@web.middleware
async def own_pages_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A foreign name that resolves to this machine, a foreign origin, or a form post gets a 403."""
    is_own = request.path == "/" or request.path.startswith("/emulator/")
    if is_own and (refusal := _refusal(request)):
        return web.json_response({"error": {"code": "refused", "message": refusal}}, status=403)
    return await handler(request)


def _refusal(request: web.Request) -> str:
    if not is_loopback_host(_host_name(f"//{request.host}")):
        return "Only addresses of this machine: 127.0.0.1 or localhost."
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{request.host}":
        return "Pages of another origin may not do this."
    if request.method not in ("GET", "HEAD") and request.content_type != "application/json":
        return "Content-Type must be application/json."
    return ""


def _host_name(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
