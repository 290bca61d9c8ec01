"""The phone page: a few files, nothing from elsewhere, nothing inline."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from emulator.guard import Handler

STATIC = Path(__file__).parent / "static"
_KINDS = {".css": "text/css", ".js": "text/javascript"}
_ASSETS = {path.name: _KINDS[path.suffix] for path in STATIC.iterdir() if path.suffix in _KINDS}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


async def index(request: web.Request) -> web.StreamResponse:
    return _file("index.html", "text/html")


async def asset(request: web.Request) -> web.StreamResponse:
    name = request.match_info["name"]
    if name not in _ASSETS:
        raise web.HTTPNotFound
    return _file(name, _ASSETS[name])


@web.middleware
async def safe_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    if not response.prepared:
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _file(name: str, kind: str) -> web.Response:
    return web.Response(
        text=(STATIC / name).read_text("utf-8"),
        content_type=kind,
        charset="utf-8",
        headers={"Cache-Control": "no-cache"},
    )
