"""What an operator's reply is made of: a text, files of ours, or both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.engine import Connection

from conversation.account import Account
from conversation.errors import NotFound
from runtime.channel import Rendered, Utterance
from runtime.uploading import media_of
from store import media
from store.media import File, FileState

#: Of one reply.
MOST_FILES = 10


def utterances(tx: Connection, text: str, file_ids: Sequence[int], account: Account) -> list[Utterance]:
    """The text goes with the first file, where a channel can say both at once."""
    if not file_ids:
        return [Utterance(text=text)]
    first, *rest = [Utterance(attachment=_attachment(_uploaded(tx, each, account))) for each in file_ids]
    return [replace(first, text=text.strip() or None), *rest]


def take_along(tx: Connection, rendered: Rendered, message_id: int) -> None:
    """The file of ours that a request is to send is shown with its message."""
    file_id = media_of(rendered.body)
    if file_id is not None:
        media.goes_with(tx, file_id, message_id)


def _uploaded(tx: Connection, file_id: int, account: Account) -> File:
    """One that an operator put here to be sent from this account; what customers sent is sent to nobody else."""
    file = media.get(tx, file_id)
    if file.uploaded_by is None or file.account_id != account.id or file.state is not FileState.STORED:
        raise NotFound(f"There is no file {file_id}.")
    return file


def _attachment(file: File) -> dict[str, object]:
    """In Rasa's shape; what a channel takes as a picture, and what only as a document, it knows itself."""
    payload = {"media": file.id, "type": file.type, "name": file.name, "size": file.size}
    return {"type": file.kind, "payload": payload}
