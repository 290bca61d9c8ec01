"""What browsers are told with every answer of ours: that nothing in it may run, and which other origins may ask."""

from __future__ import annotations

from collections.abc import Collection

from sanic import Sanic
from sanic.request import Request
from sanic.response import BaseHTTPResponse, HTTPResponse

#: Where we answer; in a plain `rasa run` the rest of the server is Rasa's.
_OURS = ("/api/v1", "/desk", "/webhooks", "/ws")
_API = "/api/v1"
_METHODS = "GET, POST, PUT, PATCH, DELETE"
_ASKED_WITH = "Authorization, Content-Type, Content-Disposition, Accept-Language, Idempotency-Key, If-None-Match"
_TOLD = "Retry-After, ETag, Content-Disposition"
_REMEMBERED_S = 600

#: Where an answer says nothing else of its own.
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
_HTTPS_ONLY = "max-age=31536000"


def protect(app: Sanic, *, origins: Collection[str] = (), https: bool = False) -> None:
    """`origins`: other sites whose pages may ask the API, each like `https://desk.example.com`. Whoever asks still
    needs a token: no cookie is ever taken. `https`: we are reached by HTTPS, and browsers may keep to it."""
    allowed = app.ctx.origins = frozenset(origins)

    async def preflight(request: Request) -> HTTPResponse | None:
        """A browser asks first whether it may ask."""
        if request.method != "OPTIONS" or not _is_under(request.path, _API):
            return None
        if request.headers.get("origin") not in allowed:
            return HTTPResponse(status=403)
        return HTTPResponse(
            status=204,
            headers={
                "Access-Control-Allow-Methods": _METHODS,
                "Access-Control-Allow-Headers": _ASKED_WITH,
                "Access-Control-Max-Age": str(_REMEMBERED_S),
            },
        )

    async def tell(request: Request, response: BaseHTTPResponse) -> None:
        if not any(_is_under(request.path, each) for each in _OURS):
            return
        headers = response.headers
        for name, value in _HEADERS.items():
            headers.setdefault(name, value)
        if https:
            headers.setdefault("Strict-Transport-Security", _HTTPS_ONLY)
        origin = request.headers.get("origin")
        if _is_under(request.path, _API) and allowed:
            headers["Vary"] = "Origin"
            if origin in allowed:
                headers["Access-Control-Allow-Origin"] = origin
                headers["Access-Control-Expose-Headers"] = _TOLD
                headers["Cross-Origin-Resource-Policy"] = "cross-origin"

    app.register_middleware(preflight, "request")
    app.register_middleware(tell, "response")


def _is_under(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(prefix + "/")
