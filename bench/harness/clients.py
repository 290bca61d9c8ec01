"""Who talks to the product from outside: customers and faults through the emulator, operators through the REST API."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp

Json = dict[str, Any]


class Emulator:
    """The emulator's control API: what customers say and what goes wrong."""

    def __init__(self, http: aiohttp.ClientSession, base_url: str) -> None:
        self._http, self.base_url = http, base_url

    async def say(self, account: str, customer: str, text: str, **more: Any) -> Json:
        """A signed webhook; answers once the product has. `{id, status, ms}`."""
        return await self.ask("POST", "say", {"account": account, "customer": customer, "text": text, **more})

    async def batch(self, account: str, messages: Sequence[Mapping[str, Any]]) -> Json:
        """Several messages in one webhook body: `{ids, status, ms}`."""
        return await self.ask("POST", "batch", {"account": account, "messages": list(messages)})

    async def faults(self, **changes: Any) -> Json:
        """`account` limits them to one; `hold=True` keeps answers back until `hold=False`."""
        return await self.ask("PUT", "faults", changes)

    async def health(self) -> Json:
        return await self.ask("GET", "health")

    async def ask(self, method: str, name: str, body: Any = None) -> Json:
        async with self._http.request(method, f"{self.base_url}/emulator/{name}", json=body) as response:
            answer: Json = await response.json()
            if response.status >= 400:
                raise RuntimeError(f"the emulator answered {response.status} to {name}: {answer}")
            return answer


@dataclass(frozen=True, kw_only=True)
class Answered:
    """An answer of the operators' API, with when it was asked and when it was read whole (`time.monotonic_ns()`)."""

    status: int
    body: Json
    sent_ns: int
    answered_ns: int

    @property
    def in_flight(self) -> int:
        return int(self.body.get("in_flight", 0))


class Operators:
    """The REST API with a Bearer token, over connections that are kept."""

    def __init__(self, http: aiohttp.ClientSession, base_url: str, token: str) -> None:
        self._http, self._url, self.token = http, f"{base_url}/api/v1", token
        self._headers = {"Authorization": f"Bearer {token}"}

    async def take(self, conversation_id: str) -> Answered:
        return await self.ask("POST", f"conversations/{conversation_id}/take")

    async def reply(self, conversation_id: str, text: str) -> Answered:
        return await self.ask("POST", f"conversations/{conversation_id}/reply", {"text": text})

    async def release(self, conversation_id: str) -> Answered:
        return await self.ask("POST", f"conversations/{conversation_id}/release")

    async def switch(self, agent: str, status: str) -> Answered:
        return await self.ask("PATCH", f"agents/{agent}", {"status": status})

    async def conversations(self, **query: str) -> list[Json]:
        """All of them, page by page."""
        return await self._pages("conversations", query, after=lambda page: page.get("next"))

    async def messages(self, conversation_id: str, *, since: int = 0) -> list[Json]:
        """A conversation's, oldest first: all, or those with a higher id."""
        path = f"conversations/{conversation_id}/messages"
        query = {"after": str(since)}
        return await self._pages(path, query, after=lambda page: page["items"][-1]["id"] if page["items"] else None)

    async def ask(self, method: str, path: str, body: Any = None, params: Any = None) -> Answered:
        url = f"{self._url}/{path}"
        sent_ns = time.monotonic_ns()
        async with self._http.request(method, url, json=body, params=params, headers=self._headers) as response:
            raw = await response.read()
            answered_ns = time.monotonic_ns()
            answer = await response.json() if raw else {}
            return Answered(status=response.status, body=answer, sent_ns=sent_ns, answered_ns=answered_ns)

    async def _pages(self, path: str, query: Mapping[str, str], after: Any) -> list[Json]:
        found: list[Json] = []
        mark = None
        while True:
            params = {**query, "limit": "200", **({"after": str(mark)} if mark else {})}
            answered = await self.ask("GET", path, params=params)
            if answered.status != 200:
                raise RuntimeError(f"GET {path} was answered {answered.status}: {answered.body}")
            page = answered.body
            found += page["items"]
            mark = after(page)
            if not mark:
                return found
