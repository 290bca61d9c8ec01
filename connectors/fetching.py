"""Fetches files from addresses that others gave us, and can't be led elsewhere than onto the internet.

Every address is looked at in the moment of connecting to it, after the name was resolved: whatever a name, a redirect
or a second answer of DNS says, a private address is not connected to. Nothing of ours goes along (no cookies, no proxy
of the environment), and a source's own headers go to the server they are for, never to one it redirects to.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import socket
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver

from connectors.addresses import is_loopback, is_public
from runtime.abilities import FileSource
from runtime.fetcher import FetchFailed
from runtime.media_files import Draft

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 3
_CHUNK = 256 * 1024
_GONE = frozenset({403, 404, 410})  # a signed address that is over answers 403
_LATER = frozenset({408, 425, 429})


class SafeFetcher:
    """Satisfies `runtime.fetcher.Fetcher`. `may_connect`: which addresses of the internet may be connected to."""

    def __init__(
        self,
        *,
        total_timeout_s: float = 180.0,
        idle_timeout_s: float = 20.0,
        may_connect: Callable[[str], bool] = is_public,
        resolver: AbstractResolver | None = None,
        tls: Any = True,
    ) -> None:
        self._total_timeout_s, self._idle_timeout_s = total_timeout_s, idle_timeout_s
        self._may_connect, self._resolver, self._tls = may_connect, resolver, tls

    async def fetch(self, source: FileSource, draft: Draft, *, limit: int, local: str | None = None) -> None:
        try:
            await self._follow(source, draft, limit, local)
        except asyncio.TimeoutError:
            raise FetchFailed("It took too long.", retryable=True) from None
        except aiohttp.InvalidURL:
            raise FetchFailed("Its address is not one.") from None
        except (aiohttp.ClientError, OSError) as error:  # a certificate's error is a ValueError too
            raise FetchFailed(f"The connection failed ({type(error).__name__}).", retryable=True) from None
        except ValueError:
            raise FetchFailed("Its address is not one.") from None

    async def _follow(self, source: FileSource, draft: Draft, limit: int, local: str | None) -> None:
        url, until = source.url, asyncio.get_running_loop().time() + self._total_timeout_s
        for _ in range(_MOST_REDIRECTS + 1):
            headers = source.headers if _origin(url) == _origin(source.url) else {}
            async with AsyncExitStack() as stack:
                response = await self._ask(stack, url, headers, local, until)
                if response.status not in _REDIRECTS:
                    await _take(response, draft, limit)
                    _compare(draft, source.sha256)
                    return
                url = urljoin(url, response.headers.get("Location", ""))
        raise FetchFailed("It is passed on from one address to another without an end.")

    async def _ask(
        self, stack: AsyncExitStack, url: str, headers: Mapping[str, str], local: str | None, until: float
    ) -> aiohttp.ClientResponse:
        """The answer of one address; its body is still to come."""
        door = _Door(_allowed(url, local, self._may_connect))
        connector = aiohttp.TCPConnector(
            force_close=True,
            resolver=self._resolver,
            socket_factory=door.open,
            ssl=self._tls,
            use_dns_cache=False,
        )
        left_s = max(until - asyncio.get_running_loop().time(), 0.001)  # 0 would be no limit
        idle_s = self._idle_timeout_s
        session = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=left_s, sock_connect=idle_s, sock_read=idle_s),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )
        await stack.enter_async_context(session)
        plain = {**headers, "Accept-Encoding": "identity"}
        try:
            response = await stack.enter_async_context(session.get(url, headers=plain, allow_redirects=False))
        except aiohttp.ClientConnectorError:
            if door.refused:
                raise FetchFailed("It is not on the internet, but on a network of ours or nobody's.") from None
            raise
        stack.callback(_cut_off, response)
        return response


def _cut_off(response: aiohttp.ClientResponse) -> None:
    """Whoever is not heard to the end: to close a TLS connection in order is to wait for their goodbye, and our socket
    would be theirs for as long as they like."""
    if response.connection is not None and response.connection.transport is not None:
        response.connection.transport.abort()


class _Door:
    """Makes the sockets that connections are made with: the last word on where they go."""

    def __init__(self, allowed: Callable[[str], bool]) -> None:
        self._allowed = allowed
        self.refused = False

    def open(self, where: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = where
        if family not in (socket.AF_INET, socket.AF_INET6) or not self._allowed(str(address[0])):
            self.refused = True
            raise OSError("not an address that may be connected to")
        return socket.socket(family, kind, protocol)


def _allowed(url: str, local: str | None, may_connect: Callable[[str], bool]) -> Callable[[str], bool]:
    """Which addresses an answer may come from: over TLS from the internet, or plainly from the emulator."""
    if local is not None and _origin(url) == _origin(local):
        return is_loopback
    if urlsplit(url).scheme != "https":
        raise FetchFailed("It is not offered over a secure connection.")
    return may_connect


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


async def _take(response: aiohttp.ClientResponse, draft: Draft, limit: int) -> None:
    """The body, as it came: what is packed is not unpacked, for nobody knows how much it would be."""
    _check_status(response.status)
    if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise FetchFailed("It comes packed, though we asked for it as it is.")
    if (response.content_length or 0) > limit:
        raise _too_large(limit)
    async for chunk in response.content.iter_chunked(_CHUNK):
        if draft.size + len(chunk) > limit:
            raise _too_large(limit)
        await asyncio.to_thread(draft.write, chunk)
    if not draft.size:
        raise FetchFailed("It is empty.", retryable=True)


def _check_status(status: int) -> None:
    if status == 200:
        return
    if status in _GONE:
        raise FetchFailed(f"The channel does not have it there any more ({status}).", gone=True)
    raise FetchFailed(f"It was answered with {status}.", retryable=status >= 500 or status in _LATER)


def _too_large(limit: int) -> FetchFailed:
    return FetchFailed(f"It is larger than {limit / 1_000_000:g} MB.")


def _compare(draft: Draft, told: str | None) -> None:
    """Meta tells the hash in base64 in webhooks, in hex elsewhere [WA docs: media]; what is neither tells nothing."""
    wanted = _digest(told) if told else None
    if wanted is not None and wanted != draft.digest():
        raise FetchFailed("It is not what the channel said it would be.", retryable=True)


def _digest(told: str) -> bytes | None:
    for read in (bytes.fromhex, lambda text: base64.b64decode(text, validate=True)):
        try:
            found = read(told.strip())
        except (ValueError, binascii.Error):
            continue
        if len(found) == 32:
            return found
    return None
