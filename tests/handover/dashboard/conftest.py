"""A dashboard signed in at the real Sanic app: its word before the token, its paths with a slash at their end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.handover.conftest import Api


@dataclass(frozen=True)
class Dashboard:
    """What the pages of a dashboard can do. Paths are without /api/v1; `who`: an operator's name, or any word that is
    sent as the token; None: none is sent."""

    api: Api
    who: str | None = "chefe"
    language: str = "en"

    def by(self, who: str | None) -> Dashboard:
        return replace(self, who=who)

    def reading(self, language: str) -> Dashboard:
        return replace(self, language=language)

    async def get(self, path: str) -> tuple[int, Any]:
        return await self.call("GET", path)

    async def post(self, path: str, body: Any = None, raw: Any = None) -> tuple[int, Any]:
        """Without `body` and `raw` nothing is sent, as some pages do. `raw`: bytes, or the form of an upload."""
        return await self.call("POST", path, body, raw)

    async def patch(self, path: str, body: Any = None, raw: Any = None) -> tuple[int, Any]:
        return await self.call("PATCH", path, body, raw)

    async def delete(self, path: str, body: Any = None, raw: Any = None) -> tuple[int, Any]:
        return await self.call("DELETE", path, body, raw)

    async def call(self, method: str, path: str, body: Any = None, raw: Any = None) -> tuple[int, Any]:
        """The status and the JSON of the answer, None where nothing is in it. A redirect is an answer like another:
        the pages' preflights would not follow it."""
        headers = {"Accept-Language": self.language}
        if self.who is not None:
            headers["Authorization"] = f"Token {self.api.tokens.get(self.who, self.who)}"
        sent: dict[str, Any] = {"data": raw} if raw is not None else {"json": body} if body is not None else {}
        asked = self.api.session.request(
            method, self.api.address + "/api/v1" + path, headers=headers, allow_redirects=False, **sent
        )
        async with asked as response:
            return response.status, await response.json(content_type=None) if await response.read() else None


@pytest.fixture
def dash(api: Api) -> Dashboard:
    """Of an admin; `dash.by("ana")` is an operator's, "sonia" a supervisor's."""
    return Dashboard(api)


@pytest.fixture
def ana(dash: Dashboard) -> Dashboard:
    """Of an operator."""
    return dash.by("ana")
