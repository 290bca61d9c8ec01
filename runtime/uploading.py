"""Files of ours on their way to a customer: a request names one by our id, the channel wants its own.

Uploaded once, and sent by the channel's id for as long as that is good.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy.engine import Connection

from conversation.errors import NotFound, SendError
from runtime.abilities import ReachOf, StoredFile
from runtime.channel import WayOut
from runtime.clock import Clock
from runtime.media_files import MediaFolder
from store import media, uploads
from store.database import Database
from store.media import File, FileState

#: A day less than the shortest any channel keeps a file for [WA docs: media].
_GOOD_FOR = timedelta(days=29)
#: Channels' words for what we call a document.
_DOCUMENT = "file"


class Uploading:
    def __init__(
        self,
        db: Database,
        ways_out: Mapping[str, WayOut],
        reach: ReachOf,
        folder: MediaFolder,
        clock: Clock,
    ) -> None:
        self._db, self._ways_out, self._reach, self._folder, self._clock = db, ways_out, reach, folder, clock

    async def ready(self, account_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """The body with the channel's id in the place of ours. Raises `SendError`."""
        if media_of(body) is None:
            return body
        ready = copy.deepcopy(body)
        found = _place_in(ready)
        assert found is not None
        place, kind, their_name = found
        place[their_name] = await self._their_id(account_id, kind, place.pop("media"))
        return ready

    async def _their_id(self, account_id: str, kind: str, file_id: int) -> str:
        file = await self._db.read(_still_there, file_id)
        assert file.sha256 is not None
        key = uploads.key_of(kind, file.sha256)
        known = await self._db.read(uploads.find, account_id, key, self._clock.now())
        if known is not None:
            return known
        attachment_id = await self._upload(account_id, kind, file)
        await self._db.write(uploads.keep, account_id, key, attachment_id, self._clock.now() + _GOOD_FOR)
        return attachment_id

    async def _upload(self, account_id: str, kind: str, file: File) -> str:
        path = self._folder.path_of(file.sha256 or "")
        if not path.exists():
            raise SendError("The file is not in the media folder any more.")
        reach = await self._reach(account_id)
        files = self._ways_out[reach.account.channel.value].files
        if files is None:
            raise SendError("This channel takes no files.")
        return await files.upload(reach, StoredFile(path=path, kind=kind, type=file.type or "", name=file.name))


def forget(tx: Connection, account_id: str, body: Mapping[str, Any]) -> None:
    """The channel could not use what it has of this request's file: before the next try it is uploaded anew."""
    found = _place_in(body)
    if found is None:
        return
    place, kind, _ = found
    with contextlib.suppress(NotFound):
        uploads.forget(tx, account_id, uploads.key_of(kind, media.get(tx, int(place["media"])).sha256 or ""))


def media_of(body: Mapping[str, Any]) -> int | None:
    """Our id of the file that a request is to send; None: it sends none of ours."""
    found = _place_in(body)
    return None if found is None else int(found[0]["media"])


def _place_in(body: Mapping[str, Any]) -> tuple[dict[str, Any], str, str] | None:
    """Where `media` stands, the kind in our words, and what the channel calls its own id there."""
    kind = body.get("type")
    if isinstance(kind, str) and _names_ours(body.get(kind)):
        return body[kind], kind, "id"
    if kind == "template" and (header := _header_of(body.get(kind))) is not None:
        return header
    message = body.get("message")
    attachment = message.get("attachment") if isinstance(message, dict) else None
    if isinstance(attachment, dict) and _names_ours(attachment.get("payload")):
        kind = str(attachment.get("type"))
        return attachment["payload"], "document" if kind == _DOCUMENT else kind, "attachment_id"
    return None


def _header_of(template: Any) -> tuple[dict[str, Any], str, str] | None:
    """The file at the head of a template."""
    for part in template.get("components") or [] if isinstance(template, dict) else []:
        for given in part.get("parameters") or [] if part.get("type") == "header" else []:
            if _names_ours(given.get(given.get("type"))):
                return given[given["type"]], given["type"], "id"
    return None


def _names_ours(place: Any) -> bool:
    return isinstance(place, dict) and isinstance(place.get("media"), int)


def _still_there(tx: Connection, file_id: int) -> File:
    try:
        file = media.get(tx, file_id)
    except NotFound as gone:
        raise SendError(str(gone)) from None
    if file.state is not FileState.STORED:
        raise SendError("The file was removed.")
    return file
