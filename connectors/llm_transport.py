"""The way to a provider of language models, and nowhere else.

One of these serves one question: it goes to the address of that agent only, with that agent's key, which the
provider's client never sees; of the client's own headers only those pass that an answer needs, so nothing of this
machine's environment goes along. A name is resolved at the moment of connecting, and a private address is not
connected to. Redirects are not followed; what comes is counted.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any

import httpcore
import httpx

from connectors.addresses import is_public
from connectors.llm_address import Address, Local, named
from connectors.llm_heard import Unreadable

_MOST_BYTES = 1024 * 1024
_CONNECT_S = 10.0
_PASSING = frozenset(
    {"accept", "anthropic-version", "content-length", "content-type", "transfer-encoding", "user-agent"}
)

Resolve = Callable[[str, int], Awaitable[list[str]]]


class Barred(Exception):
    """An address that may not be connected to."""


class OneHost(httpx.AsyncBaseTransport):
    """Closed with the client it is given to."""

    def __init__(
        self,
        address: Address,
        secret: Mapping[str, str],
        local: Local,
        tls: ssl.SSLContext,
        *,
        may_connect: Callable[[str], bool] = is_public,
        resolve: Resolve | None = None,
    ) -> None:
        self._address, self._left = address, _MOST_BYTES
        self._secret = [(name.encode(), value.encode()) for name, value in secret.items()]
        # One connection, for one question: nothing of it is left for the next.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=1,
            max_keepalive_connections=0,
            network_backend=_Guard(local, may_connect, resolve or _resolved),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url, meant = request.url, self._address
        port = url.port or {"https": 443, "http": 80}.get(url.scheme)
        if (url.scheme, url.host.lower(), port) != (meant.scheme, meant.host, meant.port):
            raise Barred("another address than the agent's")
        headers = [(name, value) for name, value in request.headers.raw if name.decode().lower() in _PASSING]
        headers += [(b"Host", url.netloc), (b"Accept-Encoding", b"identity"), *self._secret]
        assert isinstance(request.stream, httpx.AsyncByteStream)
        response = await self._pool.handle_async_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=headers,
                content=request.stream,
                extensions={"timeout": {"connect": _CONNECT_S}},  # the whole is bounded by who asks
            )
        )
        if any(name.lower() == b"content-encoding" and value != b"identity" for name, value in response.headers):
            await response.aclose()  # packed: nobody knows how much it would be
            raise Unreadable("it comes packed, though we asked for it as it is")
        return httpx.Response(response.status, headers=response.headers, stream=_Counted(response, self._take))

    def _take(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise Unreadable("more bytes than an answer has")

    async def aclose(self) -> None:
        await self._pool.aclose()


class _Counted(httpx.AsyncByteStream):
    """A body that is let go at once when it is too long."""

    def __init__(self, response: httpcore.Response, take: Callable[[int], None]) -> None:
        self._response, self._take = response, take

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._response.aiter_stream():
            self._take(len(part))
            yield part

    async def aclose(self) -> None:
        await self._response.aclose()


class _Guard(httpcore.AsyncNetworkBackend):
    """Makes the connections: the last word on where they go."""

    def __init__(self, local: Local, may_connect: Callable[[str], bool], resolve: Resolve) -> None:
        self._local, self._may_connect, self._resolve = local, may_connect, resolve
        self._net = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        if named(host.strip("[]"), port) in self._local:
            return await self._net.connect_tcp(host, port, timeout=timeout, socket_options=socket_options)
        failed: Exception = Barred("not on the internet, but on a network of ours or nobody's")
        for address in await self._resolve(host, port):
            if not self._may_connect(address):
                continue
            try:
                return await self._net.connect_tcp(address, port, timeout=timeout, socket_options=socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise Barred("a socket of this machine")

    async def sleep(self, seconds: float) -> None:
        await self._net.sleep(seconds)


async def _resolved(host: str, port: int) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpcore.ConnectError("the name is not known") from error
    return list(dict.fromkeys(str(each[4][0]) for each in found))
