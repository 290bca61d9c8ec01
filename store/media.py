"""Files: what contacts sent, their pictures, what operators uploaded. Here is what is known of each; the bytes are in
the media folder, by their sha256.

A row that is wanted is due for the fetcher: to be fetched, from its source, or, where it has none, to be erased.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.arrivals import Attachment
from conversation.conversation import ConversationId
from conversation.errors import BadInput, NotFound
from conversation.said import say
from store import doors
from store.tables import contacts, conversations, media, messages
from store.vault import Vault

#: The kind of a contact's picture; one of each contact is kept.
PICTURE = "picture"

_read_source = msgspec.json.Decoder(Attachment).decode


class FileState(str, Enum):
    WANTED = "wanted"  # still to be fetched
    STORED = "stored"
    FAILED = "failed"  # for good; `error` says why
    REMOVED = "removed"  # taken back by who sent it


@dataclass(frozen=True, kw_only=True)
class File:
    """`type`: what it is by its content, once it is stored; never what somebody said it is."""

    id: int
    account_id: str
    message_id: int | None
    contact_id: str | None
    kind: str
    state: FileState
    type: str | None
    name: str | None
    size: int | None
    sha256: str | None
    uploaded_by: str | None
    attempts: int
    error: str | None
    created_at: datetime
    stored_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A file to be fetched now; `source` is None where its bytes are to be erased."""

    file: File
    source: Attachment | None


def from_row(row: Any) -> File:
    to_be_erased = row.state == FileState.WANTED.value and row.source is None
    return File(
        id=row.id,
        account_id=row.account_id,
        message_id=row.message_id,
        contact_id=row.contact_id,
        kind=row.kind,
        state=FileState.REMOVED if to_be_erased else FileState(row.state),
        type=row.type,
        name=row.name,
        size=row.size,
        sha256=row.sha256,
        uploaded_by=row.uploaded_by,
        attempts=row.attempts,
        error=row.error,
        created_at=row.created_at,
        stored_at=row.stored_at,
    )


def want(
    tx: Connection,
    vault: Vault,
    account_id: str,
    attachments: Sequence[Attachment],
    *,
    now: datetime,
    message_id: int | None = None,
    contact_id: str | None = None,
) -> None:
    """They are fetched as soon as can be. Where they are to be had is sealed: such addresses hold their own keys."""
    if not attachments:
        return
    _keep_reseal_away(tx)
    rows = [
        {
            "account_id": account_id,
            "message_id": message_id,
            "contact_id": contact_id,
            "position": position,
            "kind": attachment.kind[:16],
            "source": vault.seal(msgspec.json.encode(attachment).decode()),
            "state": FileState.WANTED.value,
            "declared_type": attachment.declared_type,
            "name": attachment.name,
            "due_at": now,
            "created_at": now,
        }
        for position, attachment in enumerate(attachments)
    ]
    tx.execute(media.insert(), rows)


def due(tx: Connection, now: datetime, *, limit: int) -> list[int]:
    wanted = media.c.state == FileState.WANTED.value
    query = sa.select(media.c.id).where(wanted, media.c.due_at <= now).order_by(media.c.due_at, media.c.id)
    return list(tx.execute(query.limit(limit)).scalars())


def claim(tx: Connection, vault: Vault, file_id: int, *, now: datetime, until: datetime) -> Claimed | None:
    """The right to see to it, until then; None where another process was quicker, or it is done."""
    row = _locked(tx, file_id)
    if row is None or row.state != FileState.WANTED.value or row.due_at > now:
        return None
    _change(tx, file_id, due_at=until, attempts=row.attempts + 1)
    try:
        source = None if row.source is None else _read_source(vault.open(row.source))
    except BadInput as error:  # the key may come back
        _change(tx, file_id, error=str(error))
        return None
    return Claimed(file=get(tx, file_id), source=source)


def stored(
    tx: Connection,
    file_id: int,
    *,
    type: str,
    size: int,
    sha256: str,
    now: datetime,
    keep: Callable[[], object],
    name: str | None = None,
) -> File | None:
    """It is here. `keep` puts the bytes in their place while nobody erases the same ones; None: it is not wanted any
    more, and nothing was kept."""
    row = _locked(tx, file_id)
    if row is None or row.state != FileState.WANTED.value or row.source is None:
        return None
    doors.hold(tx, _door(sha256))
    keep()
    _change(
        tx,
        file_id,
        state=FileState.STORED.value,
        source=None,
        type=type,
        size=size,
        sha256=sha256,
        name=row.name or name,
        error=None,
        stored_at=now,
    )
    if row.contact_id is not None:
        _is_the_picture(tx, row.contact_id, file_id, now)
    return get(tx, file_id)


def failed(tx: Connection, file_id: int, error: str, *, again_at: datetime | None) -> File | None:
    """`again_at`: when it is tried once more; None: it is given up, and the reason is shown."""
    row = _locked(tx, file_id)
    if row is None or row.state != FileState.WANTED.value or row.source is None:
        return None
    if again_at is not None:
        _change(tx, file_id, error=error, due_at=again_at)
    else:
        _change(tx, file_id, error=error, state=FileState.FAILED.value, source=None)
    return get(tx, file_id)


def remove_of_message(tx: Connection, message_id: int, now: datetime) -> None:
    """The message was taken back: its files are not shown from now on, and their bytes are erased next."""
    _remove(tx, media.c.message_id == message_id, now)


def remove_all(tx: Connection, file_ids: Sequence[int], now: datetime) -> int:
    """They are not shown from now on, and their bytes are erased next; how many there were."""
    return remove_all_of(tx, media.c.id.in_(list(file_ids)), now)


def remove_all_of(tx: Connection, which: Any, now: datetime) -> int:
    return _remove(tx, which, now)


def erase(tx: Connection, file_id: int, *, forget: Callable[[str], object]) -> None:
    """Ends a removal. `forget` deletes the bytes; it is called where no other file has the same."""
    row = _locked(tx, file_id)
    if row is None or row.state != FileState.WANTED.value or row.source is not None:
        return
    if row.sha256 is not None:
        doors.hold(tx, _door(row.sha256))
        if not _others_have(tx, row.sha256, file_id):
            forget(row.sha256)
    _change(tx, file_id, state=FileState.REMOVED.value, sha256=None, size=None, name=None)


def uploaded(
    tx: Connection,
    account_id: str,
    *,
    kind: str,
    type: str,
    size: int,
    sha256: str,
    name: str | None,
    by: str,
    now: datetime,
    keep: Callable[[], object],
) -> File:
    """An operator's, to be sent from this account."""
    doors.hold(tx, _door(sha256))
    keep()
    added = tx.execute(
        media.insert(),
        {
            "account_id": account_id,
            "kind": kind,
            "state": FileState.STORED.value,
            "type": type,
            "size": size,
            "sha256": sha256,
            "name": name,
            "uploaded_by": by,
            "due_at": now,
            "created_at": now,
            "stored_at": now,
        },
    )
    return get(tx, added.inserted_primary_key[0])


def goes_with(tx: Connection, file_id: int, message_id: int) -> None:
    """An uploaded file is part of this message; sent a second time, it is another file with the same bytes."""
    row = tx.execute(sa.select(media).where(media.c.id == file_id).with_for_update()).one()
    if row.message_id is None:
        _change(tx, file_id, message_id=message_id)
    else:
        again = {name: value for name, value in row._mapping.items() if name != "id"}
        tx.execute(media.insert(), {**again, "message_id": message_id})


def get(tx: Connection, file_id: int) -> File:
    row = tx.execute(sa.select(media).where(media.c.id == file_id)).first()
    if row is None:
        raise NotFound(say("There is no file {file}.", file=file_id))
    return from_row(row)


def of_messages(tx: Connection, message_ids: Collection[int]) -> dict[int, list[File]]:
    """The files of each of these messages that has any, in their order."""
    query = sa.select(media).where(media.c.message_id.in_(list(message_ids)))
    found: dict[int, list[File]] = {}
    for row in tx.execute(query.order_by(media.c.message_id, media.c.position, media.c.id)):
        found.setdefault(row.message_id, []).append(from_row(row))
    return found


def of_message(tx: Connection, message_id: int) -> list[File]:
    return of_messages(tx, [message_id]).get(message_id, [])


def conversation_of(tx: Connection, file: File) -> ConversationId | None:
    """Whose feed tells of it; None for what was uploaded and not sent."""
    if file.message_id is not None:
        query = sa.select(messages.c.conversation_id).where(messages.c.id == file.message_id)
    else:
        query = sa.select(conversations.c.id).where(conversations.c.contact_id == file.contact_id)
    found = tx.execute(query).scalar()
    return ConversationId(found) if found else None


def reseal(tx: Connection, vault: Vault) -> int:
    """Seals every source with the vault's newest key; how many. Nobody seals another meanwhile."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.text("LOCK TABLE media IN EXCLUSIVE MODE"))
    rows = tx.execute(sa.select(media.c.id, media.c.source).where(media.c.source.is_not(None))).all()
    for row in rows:
        _change(tx, row.id, source=vault.seal(vault.open(row.source)))
    return len(rows)


def sealed_with(tx: Connection, vault: Vault) -> Counter[str | None]:
    """How many sources each key has sealed; under None those that no key here opens."""
    sources = tx.execute(sa.select(media.c.source).where(media.c.source.is_not(None))).scalars()
    return Counter(vault.opened_by(source) for source in sources)


def _keep_reseal_away(tx: Connection) -> None:
    """Before anything is sealed: what is written after a key was exchanged must not be sealed with the old one."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.text("LOCK TABLE media IN ROW EXCLUSIVE MODE"))


def _is_the_picture(tx: Connection, contact_id: str, file_id: int, now: datetime) -> None:
    tx.execute(contacts.update().where(contacts.c.id == contact_id).values(picture_id=file_id))
    _remove(tx, sa.and_(media.c.contact_id == contact_id, media.c.id < file_id), now)


def _remove(tx: Connection, which: Any, now: datetime) -> int:
    there = media.c.state != FileState.REMOVED.value
    erasing = {"state": FileState.WANTED.value, "source": None, "due_at": now, "error": None}
    return int(tx.execute(media.update().where(which, there).values(**erasing)).rowcount)


def _others_have(tx: Connection, sha256: str, file_id: int) -> bool:
    same = sa.and_(media.c.sha256 == sha256, media.c.id != file_id, media.c.state == FileState.STORED.value)
    return tx.execute(sa.select(media.c.id).where(same).limit(1)).first() is not None


def _locked(tx: Connection, file_id: int) -> Any:
    return tx.execute(sa.select(media).where(media.c.id == file_id).with_for_update()).first()


def _change(tx: Connection, file_id: int, **values: Any) -> None:
    tx.execute(media.update().where(media.c.id == file_id).values(**values))


def _door(sha256: str) -> str:
    return f"media:{sha256}"
