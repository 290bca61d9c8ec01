"""The desk page at /desk: static files, nothing from elsewhere, nothing inline. What it does goes through the API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint
from sanic.exceptions import NotFound
from sanic.request import Request
from sanic.response import HTTPResponse

from conversation.said import say

_PAGE = Path(__file__).parent / "desk_page"
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",  # a portrait for all of us: Messenger fetches it, to be shown beside an operator's name
}
#: The page holds an operator's token: no script but ours may ever run in it, and nobody may frame it. Pictures, sounds
#: and films of customers are shown from what the page itself has fetched with that token, so from `blob:`.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob:; media-src blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


class Desk(InputChannel):
    """`credentials.yml`: `handover.desk.Desk:`. Not a channel to customers: it never makes a message."""

    @classmethod
    def name(cls) -> str:
        return "desk"

    def url_prefix(self) -> str:
        return "/desk"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("desk")

        @blueprint.get("/")
        async def page(request: Request) -> HTTPResponse:
            return _file("index.html")

        @blueprint.get("/<name:str>")
        async def part(request: Request, name: str) -> HTTPResponse:
            return _file(name)

        return blueprint


def _file(name: str) -> HTTPResponse:
    """By its place in the folder's own listing: a name with dots and slashes in it is in none."""
    found = {path.name: path for path in _PAGE.iterdir()}.get(name)
    if found is None or found.suffix not in _KINDS:
        raise NotFound(say("There is no {name!r} here.", name=name))
    return HTTPResponse(found.read_bytes(), headers=dict(_HEADERS), content_type=_KINDS[found.suffix])
