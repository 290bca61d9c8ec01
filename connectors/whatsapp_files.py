"""Files on WhatsApp: had by an id, at an address that is good for five minutes, and uploaded for thirty days.

[WA docs: media]
"""

from __future__ import annotations

import asyncio
from urllib.parse import quote

import aiohttp

from connectors.graph import GraphClient
from connectors.reading import ident
from conversation.arrivals import Attachment
from conversation.errors import SendError
from runtime.abilities import FileSource, Reach, StoredFile
from runtime.media_types import ending_of

#: What may be sent as what, of how many megabytes at most [WA docs: supported media types]; all else is a document.
_TAKEN = {
    "image": (("image/jpeg", "image/png"), 5),
    "video": (("video/mp4", "video/3gpp"), 16),
    "audio": (("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg; codecs=opus"), 16),
}
#: Said of a picture, sound or film that goes as a document: by its own type it would be refused.
_JUST_BYTES = "application/octet-stream"


def kind_taken(kind: str, type: str, size: int) -> str:
    types, megabytes = _TAKEN.get(kind, ((), 0))
    return kind if type in types and size <= megabytes * 1024 * 1024 else "document"


class WhatsAppFiles:
    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def source(self, reach: Reach, attachment: Attachment) -> FileSource:
        """The address of now; its server wants the same token as Graph API."""
        if attachment.id is None:
            raise SendError("The file has no id.")
        asked = quote(attachment.id, safe="")
        query = {"phone_number_id": reach.account.provider_id}  # no other number's file
        answer = await self._graph.get(asked, query, base_url=reach.base_url, token=reach.token)
        url = answer.get("url")
        if not isinstance(url, str):
            raise SendError("Meta's answer names no address of the file.", retryable=True)
        return FileSource(
            url=url,
            headers={"Authorization": f"Bearer {reach.token}"} if reach.token else {},
            declared_type=ident(answer.get("mime_type")) or attachment.declared_type,
            name=attachment.name,
            sha256=attachment.sha256 or ident(answer.get("sha256")),
        )

    async def upload(self, reach: Reach, file: StoredFile) -> str:
        form, said_type = aiohttp.FormData(), _said_type(file)
        form.add_field("messaging_product", "whatsapp")
        form.add_field("type", said_type)
        with await asyncio.to_thread(file.path.open, "rb") as content:
            # What customers see of its name stands in the message.
            form.add_field("file", content, filename=f"file.{ending_of(file.type) or 'bin'}", content_type=said_type)
            answer = await self._graph.upload(
                f"{quote(reach.node, safe='')}/media", form, base_url=reach.base_url, token=reach.token
            )
        media_id = ident(answer.get("id"))
        if media_id is None:
            raise SendError("Meta's answer names no file.", retryable=True)
        return media_id


def _said_type(file: StoredFile) -> str:
    plain = file.kind == "document" and file.type.startswith(("image/", "video/", "audio/"))
    return _JUST_BYTES if plain else file.type
