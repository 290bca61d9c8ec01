"""/api/v1/media: files that customers sent, for operators to see; files that operators send. None can run here."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import regex
from sanic import Blueprint
from sanic.exceptions import PayloadTooLarge
from sanic.request import Request
from sanic.response import BaseHTTPResponse, ResponseStream

from conversation.errors import BadInput, NotFound
from conversation.said import say
from handover.auth import route, visible
from handover.queries import UploadQuery
from handover.schemas import file_json
from handover.shapes import messages as shapes
from runtime import media_types
from runtime.media_files import Draft, MediaFolder
from store import media
from store.media import File, FileState
from store.operators import Operator, Role

_CHUNK = 256 * 1024
_LONGEST_NAME = 120
#: A file is somebody else's: nothing in it may run as ours, whatever a browser takes it for.
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, max-age=86400",
}
_NAMED = regex.compile(r"filename(?:\*=UTF-8''(?<coded>[^;\s]+)|=\"(?<quoted>[^\"]*)\"|=(?<plain>[^;\s]+))", regex.I)


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/media/<media_id:int>", role=Role.OPERATOR, answers=None, content_type="*/*")
    async def show_media(request: Request, operator: Operator, media_id: int) -> ResponseStream:
        """The bytes of a file, to be kept or shown, never to be run."""
        house = request.app.ctx.baton
        file: File = await house.db.read(media.get, media_id)
        path = path_of(house.media_folder, file)
        if not operator.may_see(file.account_id) or path is None:
            raise NotFound(say("There is no file {file}.", file=media_id))
        return served(file, path)

    @route(
        blueprint,
        "POST",
        "/media",
        role=Role.OPERATOR,
        query=UploadQuery,
        body_type="application/octet-stream",
        answers=shapes.File,
        refusals=(404,),
        stream=True,
    )
    async def add_media(request: Request, operator: Operator, query: UploadQuery) -> shapes.File:
        """A file to be sent in a reply: the bytes are the body, its name is in Content-Disposition."""
        conversation = await visible(request, operator, query.conversation)
        house = request.app.ctx.baton
        folder: MediaFolder = house.media_folder
        with folder.draft() as draft:
            await receive(request, draft, folder.limit)
            name = request.headers.get("content-disposition", "")
            file = await uploaded(house, draft, conversation.account_id, disposition=name, by=operator.name)
        return file_json(file)


async def uploaded(house: Any, draft: Draft, account_id: str, *, disposition: str, by: str) -> File:
    """What was written is kept, to be sent from this account. `disposition`: what names it."""
    folder: MediaFolder = house.media_folder
    written = await asyncio.to_thread(draft.finish)
    type = media_types.of_content(written.head)
    file: File = await house.db.write(
        media.uploaded,
        account_id,
        kind=media_types.kind_of(type),
        type=type,
        size=written.size,
        sha256=written.sha256,
        name=_name(disposition, type),
        by=by,
        now=house.clock.now(),
        keep=lambda: folder.keep(written),
    )
    return file


def path_of(folder: MediaFolder, file: File) -> Path | None:
    """Where the bytes are. They may be missing after a restore: the folder is not in a backup."""
    if file.state is not FileState.STORED or file.sha256 is None:
        return None
    path = folder.path_of(file.sha256)
    return path if path.exists() else None


def served(file: File, path: Path, *, inline: bool = False) -> ResponseStream:
    """`inline`: for a page of another origin to show: what browsers show without running it, is shown."""

    async def send(response: BaseHTTPResponse | ResponseStream) -> None:
        with await asyncio.to_thread(path.open, "rb") as content:
            while chunk := await asyncio.to_thread(content.read, _CHUNK):
                await response.write(chunk)

    shown = file.type if file.type in media_types.SHOWN else media_types.UNKNOWN
    ending = media_types.ending_of(file.type or "")
    name = file.name or (f"{file.kind}-{file.id}.{ending}" if ending else f"{file.kind}-{file.id}")
    disposition = "inline" if inline and shown != media_types.UNKNOWN else "attachment"
    headers = {
        **_HEADERS,
        **({"Cross-Origin-Resource-Policy": "cross-origin"} if inline else {}),
        "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Length": str(file.size),
    }
    return ResponseStream(send, headers=headers, content_type=shown)


def too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(say("A file may have at most {most} MB.", most=limit // 1_000_000))


async def receive(request: Request, draft: Draft, limit: int, *, beside: int = 0) -> None:
    """`beside`: so many bytes may come with the file."""
    if int(request.headers.get("content-length") or 0) > limit + beside:
        raise too_large(limit)
    assert request.stream is not None, "the route is a stream"
    async for chunk in request.stream:
        if draft.size + len(chunk) > limit + beside:
            raise too_large(limit)
        await asyncio.to_thread(draft.write, chunk)
    if not draft.size:
        raise BadInput(say("The file is empty."))


def _name(disposition: str, type: str) -> str | None:
    """The last part of what it is called, without what no name should have in it."""
    found = _NAMED.search(disposition)
    if found is None:
        return None
    given = unquote(found["coded"]) if found["coded"] else found["quoted"] or found["plain"] or ""
    name = regex.sub(r"[\p{C}\"<>:|?*]", "", regex.split(r"[/\\]", given)[-1]).strip(" .")
    ending = media_types.ending_of(type)
    if name and "." not in name and ending:
        name = f"{name[:_LONGEST_NAME]}.{ending}"
    return name[-_LONGEST_NAME:] or None
