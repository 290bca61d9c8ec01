"""Addresses of files that a browser can show by itself: it sends no token with a picture, so the address is signed.

One is good for one file and for an hour at least; it says nothing of whoever asked for it.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone
from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sanic.response import ResponseStream

from conversation.errors import NotFound
from conversation.said import say
from handover.dashboard.door import open_route
from handover.media import path_of, served
from store import media
from store.media import File, FileState
from store.vault import Vault

_PURPOSE = "dashboard file"
_HOUR = timedelta(hours=1)
#: A file that has just come is still being fetched, and its message is told already.
_WAIT_S, _STEP_S = 20.0, 0.25


class Links:
    """`base`: where we are reached, without a slash at its end."""

    def __init__(self, vault: Vault, base: str, now: datetime) -> None:
        self._vault, self._base = vault, base
        hours = int(now.timestamp() // 3600) + 2  # the same address for an hour: browsers keep what they have seen
        self._until = datetime.fromtimestamp(hours * 3600, timezone.utc)

    @property
    def key(self) -> str:
        """Links of the same key lead to the same addresses."""
        return f"{self._base} {self._until.isoformat()}"

    def of(self, file_id: int) -> str:
        until = int(self._until.timestamp())
        seal = self._vault.sign(_said(file_id, until), _PURPOSE)
        return f"{self._base}/api/v1/dashboard-files/{file_id}/{until}/{seal}/"


def links_of(request: Request) -> Links:
    """For whoever asks: as they reach us, or as the installation says that it is reached."""
    house = request.app.ctx.baton
    public = getattr(getattr(house, "settings", None), "public_url", None)
    return Links(house.vault, public or f"{_scheme(request)}://{request.host}", house.clock.now())


def register(blueprint: Blueprint) -> None:
    @open_route(
        blueprint,
        "GET",
        "/dashboard-files/<media_id:int>/<until:int>/<seal:str>/",
        because="The address is signed, for this file and for hours: a browser shows a picture without a token.",
        answers=None,
        content_type="*/*",
    )
    async def dash_show_file(request: Request, media_id: int, until: int, seal: str) -> ResponseStream:
        """A file that the dashboard shows."""
        house = request.app.ctx.baton
        missing = NotFound(say("There is no file {file}.", file=media_id))
        if not house.vault.signed(_said(media_id, until), seal, _PURPOSE) or until < house.clock.now().timestamp():
            raise missing
        file = await _here(house, media_id)
        path = path_of(house.media_folder, file)
        if path is None:
            raise missing
        return served(file, path, inline=True)


async def _here(house: Any, media_id: int) -> File:
    """The file, once it has been fetched; as it stands where that takes too long."""
    loop = asyncio.get_running_loop()
    until = loop.time() + _WAIT_S
    file: File = await house.db.read(media.get, media_id)
    while file.state is FileState.WANTED and loop.time() < until:
        await asyncio.sleep(_STEP_S)
        file = await house.db.read(media.get, media_id)
    return file


def _said(file_id: int, until: int) -> str:
    return f"{file_id} {until}"


def _scheme(request: Request) -> str:
    """A socket's is ws or wss."""
    return {"ws": "http", "wss": "https"}.get(request.scheme, request.scheme)
