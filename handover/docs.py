"""GET /api/v1/docs: the API's description as a page to read and to try, from files of ours; nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from conversation.errors import NotFound
from conversation.said import say
from handover.auth import open_route

_PAGE = Path(__file__).parent / "docs_page"
_BECAUSE = "It shows the API's description; what is tried there needs a token as everywhere."
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
#: A token is typed into it: no script but ours may run there, it tells nobody but us, and nobody may frame it.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


def register(blueprint: Blueprint) -> None:
    @open_route(blueprint, "GET", "/docs", because=_BECAUSE, answers=None, content_type="text/html")
    async def show_docs(request: Request) -> HTTPResponse:
        """This description as a page, to read and to try."""
        return _file("index.html")

    @open_route(blueprint, "GET", "/docs/<name:str>", because=_BECAUSE, answers=None, content_type="*/*")
    async def show_docs_part(request: Request, name: str) -> HTTPResponse:
        """What the page is made of."""
        return _file(name)


def _file(name: str) -> HTTPResponse:
    """By its place in the folder's own listing: a name with dots and slashes in it is in none."""
    found = {path.name: path for path in _PAGE.iterdir()}.get(name)
    if found is None or found.suffix not in _KINDS:
        raise NotFound(say("There is no such thing."))
    return HTTPResponse(found.read_bytes(), headers=dict(_HEADERS), content_type=_KINDS[found.suffix])
