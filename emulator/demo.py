"""Lets the page's Take / Reply / Release buttons reach the product's own API. The token stays in here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import aiohttp

from emulator.fields import Json
from emulator.settings import Demo, Settings

ACTIONS = frozenset({"take", "reply", "release", "state"})


class DemoFailed(Exception):
    """The demonstration cannot be done; `code` is for programs, the text for people."""

    def __init__(self, http_status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.http_status = http_status
        self.code = code


class DemoDesk:
    """An operator's desk, as small as it can be."""

    def __init__(self, http: aiohttp.ClientSession, settings: Callable[[], Settings]) -> None:
        self._http = http
        self._settings = settings

    async def do(self, account: str, address: str, action: str, text: str) -> Json:
        demo = self._settings().demo
        if demo is None:
            raise DemoFailed(
                503, "no_demo", "No product is set for demonstrations: give `demo` with its url and token."
            )
        query = f"/api/v1/conversations?account={quote(account)}&address={quote(address)}"
        found = _items(await self._ask(demo, "GET", query))
        if not found:
            if action == "state":
                return {"conversation": None, "state": None, "in_flight": 0, "owner": None}
            raise DemoFailed(
                404, "no_conversation", "The product knows no conversation of this phone yet: write first."
            )
        if action == "state":
            return _shown(found[0], found[0])
        path = f"/api/v1/conversations/{quote(str(found[0].get('id')), safe='')}/{action}"
        answer = await self._ask(demo, "POST", path, {"text": text} if action == "reply" else {})
        return _shown(found[0], answer)

    async def _ask(self, demo: Demo, method: str, path: str, body: Json | None = None) -> Any:
        headers = {"Authorization": f"Bearer {demo.token}", "Accept": "application/json"}
        timeout = aiohttp.ClientTimeout(total=15)
        try:
            async with self._http.request(
                method, demo.url + path, json=body, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                answer = await response.json(content_type=None)
                if response.status < 300:
                    return answer
                raise DemoFailed(502, "refused", f"The product answered {response.status}: {_reason(answer)}")
        except asyncio.TimeoutError:
            raise DemoFailed(504, "no_answer", "The product did not answer in time.") from None
        except ValueError:
            raise DemoFailed(502, "not_json", "The product answered with something that is not JSON.") from None
        except (aiohttp.ClientError, OSError):
            raise DemoFailed(502, "no_answer", "The product does not answer.") from None


def _items(answer: Any) -> list[Json]:
    items = answer.get("items") if isinstance(answer, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _shown(found: Json, answer: Any) -> Json:
    answer = answer if isinstance(answer, dict) else {}
    owner = answer.get("owner", None if "state" in answer else found.get("owner"))
    return {
        "conversation": found.get("id"),
        "state": answer.get("state", found.get("state")),
        "in_flight": answer.get("in_flight", 0),
        "owner": owner.get("name") or owner.get("id") if isinstance(owner, dict) else owner,
    }


def _reason(answer: Any) -> str:
    """The product's own words, if it gave some in a usual place."""
    for key in ("message", "detail", "error"):
        value = answer.get(key) if isinstance(answer, dict) else None
        value = value.get("message") if isinstance(value, dict) else value
        if isinstance(value, str):
            return value[:300]
    return "no reason given"
