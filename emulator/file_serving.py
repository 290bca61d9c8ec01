"""Serves files as WhatsApp and the content networks of the other two do, odd ones on request."""

from __future__ import annotations

import asyncio
import contextlib
import time

from aiohttp import web

from emulator import files, guard
from emulator.chats import now_ms
from emulator.fields import Json
from emulator.files import File, Files
from emulator.journal import Entry, Journal

_CHUNK = b"\0" * 65_536
_ENDLESS = 64 * 1024 * 1024 * 1024  # somebody has to stop before this


class FileServer:
    """`GET /emulator/media/{name}`; each request is in the journal, as kind `file`."""

    def __init__(self, files: Files, journal: Journal) -> None:
        self._files = files
        self._journal = journal

    async def serve(self, request: web.Request) -> web.StreamResponse:
        token = request.headers.get("Authorization", "")
        file = self._files.get(files.id_in(request.match_info["name"]))
        entry = Entry(
            received_ns=guard.received_ns.get(),
            at_ms=now_ms(),
            method=request.method,
            path=request.path,
            account=file.account if file else None,
            kind="file",
            token_ok=bool(token) == ("private" in request.query),
            id=file.id if file else None,
        )
        self._journal.add(entry)
        entry.status, entry.text = _verdict(request, file, token)
        if file is None or entry.status != 200:
            error: Json = {"error": {"code": entry.status, "message": entry.text}}
            response: web.StreamResponse = web.json_response(error, status=entry.status)
        else:
            response = await _send(request, file)
        entry.answered_ns = time.monotonic_ns()
        return response


def _verdict(request: web.Request, file: File | None, token: str) -> tuple[int, str | None]:
    """WhatsApp's addresses need the token, a content network must not get it [WA docs: media]."""
    private = "private" in request.query
    if token and not private:
        return 400, "A token was sent to a content network, which must never see one."
    if private and not token:
        return 401, "The access token is missing."
    if file is None:
        return 404, "There is no such file."
    if files.is_past(request.query.get("ext", "")):
        return (404 if private else 403), "This address has expired."
    return 200, None


async def _send(request: web.Request, file: File) -> web.StreamResponse:
    if file.redirect_to:
        return web.Response(status=302, headers={"Location": file.redirect_to})
    headers = {"Content-Type": file.type, "Cache-Control": "no-store"}
    if not file.endless and not file.slow_ms:
        return web.Response(body=file.content, headers=headers)
    response = web.StreamResponse(headers=headers)
    if not file.endless:
        response.content_length = len(file.content)
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):  # whoever has enough of it goes away
        await (_without_end(response) if file.endless else _slowly(response, file))
    return response


async def _without_end(response: web.StreamResponse) -> None:
    for _ in range(_ENDLESS // len(_CHUNK)):
        await response.write(_CHUNK)
        await asyncio.sleep(0)


async def _slowly(response: web.StreamResponse, file: File) -> None:
    for n in range(len(file.content)):
        await response.write(file.content[n : n + 1])
        await asyncio.sleep(file.slow_ms / 1000)
