"""Files on Messenger and Instagram: had from Meta's own file servers, and uploaded for more than one message.

[MSG docs: saving assets, attachment upload; IG docs: attachment upload]
"""

from __future__ import annotations

import asyncio
import json
import unicodedata
from urllib.parse import quote

import aiohttp

from connectors.graph import GraphClient
from connectors.reading import ident
from conversation.account import Channel
from conversation.arrivals import Attachment
from conversation.channel_settings import Login
from conversation.errors import SendError
from runtime.abilities import FileSource, Reach, StoredFile

#: Ours, in Meta's words.
META_KIND = {"image": "image", "video": "video", "audio": "audio", "document": "file"}


class MetaFiles:
    def __init__(self, graph: GraphClient) -> None:
        self._graph = graph

    async def source(self, reach: Reach, attachment: Attachment) -> FileSource:
        """As the webhook gave it: whoever has the address may have the file, so the token is not shown there."""
        if not attachment.url:
            raise SendError("The file has no address.")
        return FileSource(
            url=attachment.url,
            declared_type=attachment.declared_type,
            name=attachment.name,
            sha256=attachment.sha256,
        )

    async def upload(self, reach: Reach, file: StoredFile) -> str:
        kind = META_KIND.get(file.kind, "file")
        form = aiohttp.FormData()
        form.add_field("message", json.dumps({"attachment": {"type": kind, "payload": {"is_reusable": True}}}))
        if reach.account.channel is Channel.INSTAGRAM and reach.account.channel_settings.login is Login.FACEBOOK:
            form.add_field("platform", "instagram")  # a Page's files are Messenger's otherwise
        name = _plain_name(file.name or file.path.name)
        with await asyncio.to_thread(file.path.open, "rb") as content:
            form.add_field("filedata", content, filename=name, content_type=file.type)
            answer = await self._graph.upload(
                f"{quote(reach.node, safe='')}/message_attachments", form, base_url=reach.base_url, token=reach.token
            )
        attachment_id = ident(answer.get("attachment_id"))
        if attachment_id is None:
            raise SendError("Meta's answer names no file.", retryable=True)
        return attachment_id


def _plain_name(name: str) -> str:
    """Meta takes no file names with letters that are not ASCII."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return plain if plain.partition(".")[0] else "file" + plain
