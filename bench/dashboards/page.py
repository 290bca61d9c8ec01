"""A page of the dashboard as a browser runs it on another site: what it may ask, it asks for first (CORS)."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import aiohttp

from bench.dashboards.rows import NOTHING

ORIGIN = "https://dashboard.example.com"
API = "/api/v1"
#: The page gives up after this.
PATIENCE_S = 15.0
#: What each revision asks with.
_ASKED_WITH = "authorization,content-type"


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    raw: bytes
    took_s: float

    @property
    def body(self) -> Any:
        """None where there is nothing, or no JSON."""
        try:
            return json.loads(self.raw) if self.raw else None
        except ValueError:
            return None

    @property
    def results(self) -> list[Any]:
        body = self.body
        return list(body["results"] if isinstance(body, Mapping) else body)

    def __str__(self) -> str:
        return f"{self.status} {self.raw[:300].decode('utf-8', 'replace')}"


@dataclass(frozen=True, kw_only=True)
class Page:
    """`token`: None for a page that nobody has signed in to."""

    http: aiohttp.ClientSession
    address: str
    token: str | None

    def signed_out(self) -> Page:
        return replace(self, token=None)

    async def ask(
        self, method: str, path: str, body: Any = NOTHING, query: Mapping[str, str] | None = None, upload: bool = False
    ) -> Answer:
        headers = {"Origin": ORIGIN, "Accept-Language": "en"}
        if self.token is not None:
            headers["Authorization"] = f"Token {self.token}"
        sent: dict[str, Any] = {}
        if upload:
            sent["data"] = _form(body)
        elif body is not NOTHING:
            sent["data"] = json.dumps(body)
            headers["Content-Type"] = "application/json"
        return await self._request(method, path, headers, params=dict(query or {}), **sent)

    async def may(self, method: str, path: str) -> str | None:
        """Why a browser would not let the page ask this, if it would not."""
        headers = {
            "Origin": ORIGIN,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": _ASKED_WITH,
        }
        told = await self._request("OPTIONS", path, headers)
        if told.status not in (200, 204):
            return f"the preflight is answered {told.status}"
        methods = told.headers.get("Access-Control-Allow-Methods", "").upper().replace(" ", "").split(",")
        if method not in methods:
            return f"the preflight allows {methods}, not {method}"
        with_ = told.headers.get("Access-Control-Allow-Headers", "").lower().replace(" ", "").split(",")
        if not set(_ASKED_WITH.split(",")) <= set(with_):
            return f"the preflight allows no {_ASKED_WITH}"
        return None if readable(told) else "the preflight names no origin"

    async def _request(self, method: str, path: str, headers: Mapping[str, str], **given: Any) -> Answer:
        began, url = time.monotonic(), path if path.startswith("http") else f"{self.address}{API}{path}"
        plain = {"skip_auto_headers": ("Content-Type",)} if "data" not in given else {}
        async with self.http.request(method, url, headers=headers, allow_redirects=False, **plain, **given) as response:
            raw = await response.read()
            took_s = time.monotonic() - began
            return Answer(status=response.status, headers=response.headers, raw=raw, took_s=took_s)


def readable(answer: Answer) -> bool:
    """Whether the browser shows it to the page."""
    return answer.headers.get("Access-Control-Allow-Origin") in (ORIGIN, "*")


def _form(fields: Mapping[str, Any]) -> aiohttp.FormData:
    """What is bytes is a file."""
    form = aiohttp.FormData()
    for name, value in fields.items():
        if isinstance(value, bytes):
            form.add_field(name, value, filename="picture.png", content_type="image/png")
        else:
            form.add_field(name, str(value))
    return form
