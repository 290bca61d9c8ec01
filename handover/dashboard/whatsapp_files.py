"""/api/v1/whatsapp/messages/send_file/, send_media/, send_image/, …: files that operators send."""

from __future__ import annotations

import asyncio
from typing import Any, Union

import msgspec
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from conversation.errors import BadInput
from conversation.learnt import reader
from conversation.outbound import Outbound
from conversation.said import say
from handover import media, unsound
from handover.dashboard import form, reaching
from handover.dashboard.door import route
from handover.dashboard.form import Form
from handover.dashboard.whatsapp_sends import MESSAGES, SendBody, send, send_to
from handover.sends import Text
from runtime.media_files import MediaFolder
from store.operators import Operator, Role


class FileForm(SendBody, kw_only=True):
    """What comes with the file. `caption`: its words."""

    caption: Text = ""


_read = reader(FileForm)


class FileBody(SendBody, kw_only=True):
    """One that was uploaded before, by its id."""

    image_id: Union[str, int, None] = None
    audio_id: Union[str, int, None] = None
    video_id: Union[str, int, None] = None
    document_id: Union[str, int, None] = None
    caption: Union[Text, None] = None


def register(blueprint: Blueprint) -> None:
    for name in ("send_file", "send_media"):
        _register_upload(blueprint, name)
    for kind in ("image", "audio", "video", "document"):
        _register_by_id(blueprint, kind)


def _register_upload(blueprint: Blueprint, name: str) -> None:
    async def uploaded(request: Request, operator: Operator) -> HTTPResponse:
        """A file with its words, in a form: `account_id`, `to`, `file`, `caption`."""
        house = request.app.ctx.baton
        folder: MediaFolder = house.media_folder
        boundary = form.boundary_of(request.headers.get("content-type", ""))
        with folder.draft() as body, folder.draft() as file:
            await media.receive(request, body, folder.limit, beside=form.BESIDE)
            await asyncio.to_thread(body.finish)
            found = await asyncio.to_thread(form.read, body.path, boundary)
            if found.end - found.start > folder.limit:
                raise media.too_large(folder.limit)
            fields = _fields(found)
            reached = await reaching.reach(request, operator, fields.account_id, fields.to)
            await asyncio.to_thread(form.copy_file, body.path, found, file)
            kept = await media.uploaded(
                house, file, reached.account.id, disposition=found.disposition, by=operator.name
            )
        outbound = Outbound(text=fields.caption, media=(kept.id,))
        return await send_to(request, operator, reached, fields, outbound)

    uploaded.__name__ = f"dash_{name}"
    path = f"{MESSAGES}/{name}/"
    route(blueprint, "POST", path, role=Role.OPERATOR, body_type="multipart/form-data", stream=True)(uploaded)


def _register_by_id(blueprint: Blueprint, kind: str) -> None:
    async def by_id(request: Request, operator: Operator, body: FileBody) -> HTTPResponse:
        """A file that was uploaded here before. None is fetched from an address."""
        named = str(getattr(body, f"{kind}_id") or "")
        if not named.isascii() or not named.isdigit() or len(named) > 18:
            raise BadInput(say("Name a file that was uploaded here by its id, or upload it with send_file."))
        return await send(request, operator, body, Outbound(text=body.caption or "", media=(int(named),)))

    by_id.__name__ = f"dash_send_{kind}"
    route(blueprint, "POST", f"{MESSAGES}/send_{kind}/", role=Role.OPERATOR, body=FileBody)(by_id)


def _fields(found: Form) -> FileForm:
    given: dict[str, Any] = {name: found.fields.get(name, "") for name in ("account_id", "to", "caption")}
    if found.fields.get("reply_to"):
        given["reply_to"] = found.fields["reply_to"]
    try:
        fields = _read(given)
    except msgspec.ValidationError as error:
        raise BadInput(say("The form does not fit: {why}.", why=str(error))) from error
    unsound.refuse(fields)
    return fields
