"""One request to Graph API, and what is certain of it afterwards: carried out, refused, not sent, unknown."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from aiohttp.abc import AbstractStreamWriter

from connectors import graph_errors, graph_proof, graph_usage
from conversation.errors import SendError

Check = Callable[[], None]

#: A hundred megabytes take their time.
_UPLOAD_TIMEOUT = aiohttp.ClientTimeout(total=300, connect=5)


class GraphClient:
    """Requests to any Graph host, named at each call, so that a stand-in and Meta can't be mixed up.

    Connections are pooled, and made on the loop that asks first.
    """

    def __init__(
        self,
        *,
        version: str = "v24.0",
        connect_timeout_s: float = 5.0,
        total_timeout_s: float = 20.0,
        idle_connection_s: float = 15.0,
        connections: int = 100,
    ) -> None:
        self._version = version
        self._timeout = aiohttp.ClientTimeout(total=total_timeout_s, connect=connect_timeout_s)
        self._idle_connection_s = idle_connection_s
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None
        self.budgets = graph_usage.Budgets()

    async def post(
        self, path: str, body: Mapping[str, Any], *, base_url: str, token: str | None, check: Check
    ) -> dict[str, Any]:
        """Graph API's answer. A `path` from the root (`/…`) is below no version: of a host that has none, not Meta's.

        `check` is asked before anything is done and again with the connection in hand,
        immediately before the first byte; what it raises passes through, and nothing was sent then."""
        check()
        await asyncio.sleep(self.budgets.wait_s(token, sending=True))
        last_moment = _LastMoment(json.dumps({**body, **graph_proof.parameter(token)}).encode(), check)
        url, headers = self._addressed(path, base_url, token)
        try:
            # A redirect is not followed: the token is for this host alone.
            async with self._pool().post(url, data=last_moment, headers=headers, allow_redirects=False) as response:
                self.budgets.note(token, response.headers)
                return read_answer(response.status, response.headers, await response.read())
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            raise last_moment.verdict(error) from None

    async def get(
        self, path: str, query: Mapping[str, str] | None = None, *, base_url: str, token: str | None
    ) -> dict[str, Any]:
        """Graph API's answer to a question. Raises `SendError`; never `unknown`, for a question changes nothing."""
        return await self._ask("GET", path, base_url, token, params=dict(query or {}))

    async def delete(
        self, path: str, query: Mapping[str, str] | None = None, *, base_url: str, token: str | None
    ) -> dict[str, Any]:
        return await self._ask("DELETE", path, base_url, token, params=dict(query or {}))

    async def order(self, path: str, body: Mapping[str, Any], *, base_url: str, token: str | None) -> dict[str, Any]:
        """A request that may be made twice: subscribing, changing settings, handing a thread on."""
        return await self._ask("POST", path, base_url, token, json=dict(body))

    async def upload(self, path: str, form: aiohttp.FormData, *, base_url: str, token: str | None) -> dict[str, Any]:
        """A file, as a form. It may be made twice: what is uploaded and never sent is nobody's harm."""
        return await self._ask("POST", path, base_url, token, data=form, timeout=_UPLOAD_TIMEOUT)

    async def _ask(self, method: str, path: str, base_url: str, token: str | None, **what: Any) -> dict[str, Any]:
        url, headers = self._addressed(path, base_url, token)
        what = graph_proof.along(what, token)
        await asyncio.sleep(self.budgets.wait_s(token, sending=False))
        try:
            async with self._pool().request(method, url, headers=headers, allow_redirects=False, **what) as response:
                self.budgets.note(token, response.headers)
                return read_answer(response.status, response.headers, await response.read())
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            raise SendError(f"Graph API could not be reached ({type(error).__name__}).", retryable=True) from None

    def _addressed(self, path: str, base_url: str, token: str | None) -> tuple[str, dict[str, str]]:
        below = path if path.startswith("/") else f"/{self._version}/{path}"
        return base_url.rstrip("/") + below, {"Authorization": f"Bearer {token}"} if token else {}

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _pool(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=self._idle_connection_s),
                timeout=self._timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._session


class _LastMoment(aiohttp.BytesPayload):
    """A request's body that asks for leave when it is about to be written.

    aiohttp holds the headers back until the body's first chunk, and writes both in one go without giving way
    to the loop; so nothing can come between the check and the first byte. A trace hook can't do this: it runs
    a step of the loop earlier, and leaves the connection open when it raises.
    """

    def __init__(self, body: bytes, check: Check) -> None:
        super().__init__(body, content_type="application/json")
        self._check = check
        self._started = False
        self._refusal: Exception | None = None

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        try:
            self._check()
        except Exception as refusal:
            self._refusal = refusal
            raise
        self._started = True
        await super().write_with_length(writer, content_length)

    def verdict(self, error: Exception) -> Exception:
        """What a failure of the connection means: by whether the first byte had been written."""
        if self._refusal is not None:
            return self._refusal
        what = type(error).__name__
        if self._started:
            return SendError(f"Nobody knows whether Meta took it: the connection failed ({what}).", unknown=True)
        if isinstance(error, aiohttp.InvalidURL):
            return SendError("The address of Graph API is not one.", account_fault=True)
        return SendError(f"Graph API could not be reached ({what}).", retryable=True)


def read_answer(status: int, headers: Mapping[str, str], raw: bytes) -> dict[str, Any]:
    """The answer's document, or the `SendError` it stands for.

    Only Graph API itself can say that a request was refused; a proxy's 502 says nothing.
    """
    document = _document(raw)
    after_s = retry_after_s(headers.get("Retry-After"))
    error = document.get("error") if document is not None else None
    refused = graph_errors.refusal(error, status, after_s) if isinstance(error, dict) else None
    if refused is not None:
        raise refused
    if document is not None and 200 <= status < 300:
        return document
    if status >= 500 or 200 <= status < 300:
        raise SendError(f"Nobody knows whether Meta took it: an answer {status} that is not Graph API's.", unknown=True)
    raise SendError(
        f"Refused on the way to Graph API with an answer {status}.",
        retryable=status == 429,
        retry_after_s=after_s if status == 429 else None,
    )


def retry_after_s(value: str | None, now: datetime | None = None) -> float | None:
    """`Retry-After`, which is seconds or a date; None if it is neither."""
    if not value:
        return None
    try:
        return max(float(int(value)), 0.0)
    except ValueError:
        pass
    try:
        then = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    then = then if then.tzinfo else then.replace(tzinfo=timezone.utc)
    return max((then - (now or datetime.now(timezone.utc))).total_seconds(), 0.0)


def _document(raw: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None
