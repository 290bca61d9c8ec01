"""A page of a few sentences, for people who come from elsewhere. Nothing can run in it, and it sends nothing on."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from sanic.response import HTTPResponse

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the address it was asked for under holds a code
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, kw_only=True)
class Told:
    title: str
    lines: tuple[str, ...]


def page(told: Told, *, language: str, status: int = 200) -> HTTPResponse:
    lang = "pt-BR" if language == "pt" else language
    title, lines = escape(told.title), "".join(f"<p>{escape(line)}</p>\n" for line in told.lines)
    body = (
        f'<!doctype html>\n<html lang="{lang}">\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{title}</title>\n'
        f"<h1>{title}</h1>\n{lines}</html>\n"
    )
    return HTTPResponse(body, status=status, headers=dict(_HEADERS), content_type="text/html; charset=utf-8")
