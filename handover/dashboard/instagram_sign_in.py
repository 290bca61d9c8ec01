"""/instagram/accounts/connect-url/: where an account's owner signs in with Instagram. The window that was opened for it
ends at the dashboard that asked, if that is one of the sites that may ask us anything."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from sanic import Blueprint
from sanic.request import Request

from handover.dashboard.door import route_of_one_word
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route_of_one_word(blueprint, "GET", "/instagram/accounts/connect-url/", role=Role.ADMIN)
    async def dash_connect_instagram(request: Request, operator: Operator) -> dict[str, Any]:
        """The link is good for ten minutes, once."""
        begin = request.app.ctx.baton.instagram_connecting.begin
        return {"url": await begin(operator.name, back_to=_origin(request))}


def _origin(request: Request) -> str | None:
    """Of the page that asks: as its browser says, and the installation allows."""
    asking = request.headers.get("origin") or _of_address(request.headers.get("referer", ""))
    return asking if asking in getattr(request.app.ctx, "origins", ()) else None


def _of_address(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}"
