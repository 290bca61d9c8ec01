"""What an operator's reply is made of: a text, files of ours, or both."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.engine import Connection

from conversation.account import Account
from conversation.errors import NotFound
from conversation.outbound import LinkedFile, Outbound, Special, Sticker, Template
from conversation.said import say
from conversation.template import Header
from runtime.channel import Rendered, Utterance
from runtime.uploading import media_of
from store import media
from store.media import File, FileState


def utterances(tx: Connection, outbound: Outbound, account: Account) -> list[Utterance]:
    """The text goes with the first file, where a channel can say both at once; what can be chosen comes last."""
    if outbound.special is not None:
        return [Utterance(special=_with_file(tx, outbound.special, account))]
    uploaded = [_attachment(_uploaded(tx, each, account), voice=outbound.voice) for each in outbound.media]
    files = [Utterance(attachment=each) for each in (*uploaded, *map(_linked, outbound.files))]
    if outbound.choices:
        return [*files, _with_choices(outbound)]
    if not files:
        return [Utterance(text=outbound.text)]
    first, *rest = files
    return [replace(first, text=outbound.text.strip() or None), *rest]


def _with_choices(outbound: Outbound) -> Utterance:
    """What is chosen comes back under its title: an operator's button orders nothing of the assistant."""
    given = [{"title": each.title, "payload": each.title, "description": each.description} for each in outbound.choices]
    custom = {} if outbound.list_label is None else {"list_button": outbound.list_label, "as_list": True}
    return Utterance(text=outbound.text, buttons=given, custom=custom)


def _with_file(tx: Connection, special: Special, account: Account) -> Special:
    if isinstance(special, Template) and isinstance(special.header, Header) and special.header.media is not None:
        file = _uploaded(tx, special.header.media, account)
        return replace(special, header=replace(special.header, filename=special.header.filename or file.name))
    if not isinstance(special, Sticker) or special.media is None:
        return special
    file = _uploaded(tx, special.media, account)
    return replace(special, type=file.type or "", size=file.size or 0)


def take_along(tx: Connection, rendered: Rendered, message_id: int) -> None:
    """The file of ours that a request is to send is shown with its message."""
    file_id = media_of(rendered.body)
    if file_id is not None:
        media.goes_with(tx, file_id, message_id)


def _uploaded(tx: Connection, file_id: int, account: Account) -> File:
    """One that an operator put here to be sent from this account; what customers sent is sent to nobody else."""
    file = media.get(tx, file_id)
    if file.uploaded_by is None or file.account_id != account.id or file.state is not FileState.STORED:
        raise NotFound(say("There is no file {file}.", file=file_id))
    return file


def _attachment(file: File, *, voice: bool) -> dict[str, object]:
    """In Rasa's shape; what a channel takes as a picture, and what only as a document, it knows itself."""
    payload = {"media": file.id, "type": file.type, "name": file.name, "size": file.size}
    return {"type": file.kind, "payload": {**payload, "voice": True} if voice else payload}


def _linked(file: LinkedFile) -> dict[str, object]:
    """One that Meta fetches; nobody here does."""
    named = {"filename": file.filename} if file.filename else {}
    return {"type": "voice" if file.voice else file.kind, "payload": {"url": file.link, **named}}
