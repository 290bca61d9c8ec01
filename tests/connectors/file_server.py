"""A server of files over TLS, a resolver that answers what it is told, and a fetcher that takes this machine for the
internet."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from connectors.fetching import SafeFetcher
from runtime.abilities import FileSource
from runtime.fetcher import FetchFailed
from runtime.media_files import MediaFolder

LIMIT = 100_000
HOST = "cdn.example"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class FakeResolver(AbstractResolver):
    """Answers with what it was told, the next answer each time; the last one for good."""

    def __init__(self, *answers: list[str], names: Mapping[str, str] | None = None) -> None:
        self.answers, self.names, self.asked = list(answers), dict(names or {}), 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self.asked += 1
        if host in self.names:
            found = [self.names[host]]
        else:
            found = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        return [
            ResolveResult(
                hostname=host,
                host=each,
                port=port,
                family=socket.AF_INET6 if ":" in each else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for each in found
        ]

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class Server:
    """Files over TLS on a port of its own, for any name."""

    port: int
    handlers: dict[str, Handler] = field(default_factory=dict)
    received: list[web.Request] = field(default_factory=list)

    def url(self, path: str = "/file", host: str = HOST) -> str:
        return f"https://{host}:{self.port}{path}"

    def gives(self, content: bytes, path: str = "/file", **headers: str) -> None:
        async def give(request: web.Request) -> web.Response:
            return web.Response(body=content, headers={k.replace("_", "-"): v for k, v in headers.items()})

        self.handlers[path] = give

    def redirects(self, to: str, path: str = "/file", status: int = 302) -> None:
        async def redirect(request: web.Request) -> web.Response:
            return web.Response(status=status, headers={"Location": to})

        self.handlers[path] = redirect

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.received.append(request)
        handler = self.handlers.get(request.path)
        return await handler(request) if handler else web.Response(status=404)


async def served(server: Server, listening: socket.socket, tls: ssl.SSLContext | None) -> web.AppRunner:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.SockSite(runner, listening, ssl_context=tls).start()
    return runner


@dataclass
class Fetching:
    """A fetcher for which 127.0.0.1 is the internet, and where it writes."""

    certificate: Path
    folder: MediaFolder
    resolver: FakeResolver = field(default_factory=lambda: FakeResolver(["127.0.0.1"]))
    may_connect: Callable[[str], bool] = lambda address: address == "127.0.0.1"
    timeout_s: float = 10.0

    async def __call__(self, url: str, *, local: str | None = None, limit: int = LIMIT, **source: Any) -> bytes:
        fetcher = SafeFetcher(
            may_connect=self.may_connect,
            resolver=self.resolver,
            tls=ssl.create_default_context(cafile=str(self.certificate)),
            total_timeout_s=self.timeout_s,
        )
        with self.folder.draft() as draft:
            await fetcher.fetch(FileSource(url=url, **source), draft, limit=limit, local=local)
            return draft.finish().path.read_bytes()

    async def refused(self, url: str, **given: Any) -> FetchFailed:
        with pytest.raises(FetchFailed) as failed:
            await self(url, **given)
        return failed.value
