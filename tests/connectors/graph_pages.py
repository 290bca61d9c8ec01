"""A Graph API that answers what a test has written down for each path, and remembers what it was asked."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from conversation import channel_settings
from conversation.account import Account, AccountId, Channel
from conversation.agent import AgentId
from runtime.abilities import Reach
from tests.connectors.conftest import listening_to

TOKEN = "EAAsecrettoken"
PAGE, INSTAGRAM = "200000000000001", "17840000000000001"


@dataclass
class Pages:
    """`answers`: by method and path without its version; a list is answered one after the other."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    url: str = ""

    async def handle(self, request: web.Request) -> web.Response:
        path = request.path.partition("/v24.0")[2]
        self.asked.append((request.method, path, dict(request.query)))
        self.tokens.add(request.headers.get("Authorization", ""))
        found = self.answers[f"{request.method} {path}"]
        answer = found.pop(0) if isinstance(found, list) else found
        return web.json_response(answer, status=400 if "error" in answer else 200)

    def reach(self, channel: Channel = Channel.MESSENGER, *, node: str | None = None, **settings: Any) -> Reach:
        own_id = PAGE if channel is Channel.MESSENGER else INSTAGRAM
        account = Account(
            id=AccountId("acc_1"),
            channel=channel,
            provider_id=own_id,
            name="Cantina",
            agent_id=AgentId("agt_1"),
            channel_settings=channel_settings.read(settings),
        )
        return Reach(account=account, node=node or settings.get("page_id") or own_id, base_url=self.url, token=TOKEN)


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[Pages]:
    pages = Pages()
    async with listening_to(pages.handle) as pages.url:
        yield pages


def refusal(code: int, message: str = "", **more: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "fbtrace_id": "Atrace", **more}}
