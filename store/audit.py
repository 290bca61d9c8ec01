"""Who did what: rows that are only added to, each with a hash over itself and the one before it.

Nobody's words are in it. Of what was written a fingerprint is kept, under a salt of the contact it concerns: whoever
has both the words and the salt can show that they are the same, and once the salt is destroyed nobody can.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from store import former_ids
from store.deeds import Deed
from store.tables import audit as table
from store.tables import audit_salts, conversations

#: What the first row follows.
BEGINNING = "0" * 64
#: The number of the lock under which rows are added on PostgreSQL, so that each follows the one committed before it.
_LOCK = 7267
_SALT_BYTES = 32
_AT_ONCE = 500
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=timezone.utc), timedelta(microseconds=1)

_LAST = sa.select(table.c.hash).order_by(table.c.id.desc()).limit(1)


@dataclass(frozen=True, kw_only=True)
class Entry:
    id: int
    at: datetime
    by: str
    action: str
    facts: Mapping[str, Any]
    fingerprint: str | None
    salt_of: str | None
    previous: str
    hash: str


@dataclass(frozen=True, kw_only=True)
class Verified:
    """`broken_at`: the first row that does not follow from the one before it; None: all do. `head`: the last hash, to
    be kept elsewhere, for a log that was cut off at its end still follows from its beginning."""

    rows: int
    head: str
    broken_at: int | None


def append(tx: Connection, deed: Deed) -> None:
    """Writes the deed down, in the transaction that does it."""
    salt_of = deed.contact or _contact_of(tx, deed.conversation)
    fingerprint = None if deed.words is None or salt_of is None else _fingerprint(_salt(tx, salt_of), deed.words)
    if tx.dialect.name == "postgresql":
        tx.execute(sa.text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    previous = tx.execute(_LAST).scalar() or BEGINNING
    values = {
        "at": deed.at,
        "by": deed.by,
        "action": deed.action,
        "facts": dict(deed.facts),
        "fingerprint": fingerprint,
        "salt_of": None if fingerprint is None else salt_of,
        "previous": previous,
    }
    tx.execute(table.insert().values(**values, hash=_hash(values)))


def entries(
    tx: Connection,
    *,
    after: int = 0,
    limit: int = _AT_ONCE,
    by: str | None = None,
    action: str | None = None,
    since: datetime | None = None,
) -> list[Entry]:
    """The oldest first."""
    query = sa.select(table).where(table.c.id > after).order_by(table.c.id).limit(limit)
    if by is not None:
        query = query.where(table.c.by == by)
    if action is not None:
        query = query.where(table.c.action == action)
    if since is not None:
        query = query.where(table.c.at >= since)
    return [Entry(**row._mapping) for row in tx.execute(query)]


def latest(tx: Connection, *, limit: int, by: str | None = None) -> list[Entry]:
    """The last ones, the oldest of them first."""
    query = sa.select(table).order_by(table.c.id.desc()).limit(limit)
    rows = tx.execute(query if by is None else query.where(table.c.by == by)).all()
    return [Entry(**row._mapping) for row in reversed(rows)]


def has(tx: Connection, hash: str) -> bool:
    """Whether an entry has this hash."""
    return hash == BEGINNING or tx.execute(sa.select(table.c.id).where(table.c.hash == hash)).first() is not None


def verify(tx: Connection) -> Verified:
    """Reads all of it, and works out every hash anew."""
    rows, head = 0, BEGINNING
    for entry in _all(tx):
        rows += 1
        if entry.previous != head or not hmac.compare_digest(entry.hash, _hash(vars(entry))):
            return Verified(rows=rows, head=head, broken_at=entry.id)
        head = entry.hash
    return Verified(rows=rows, head=head, broken_at=None)


def destroy_salt(tx: Connection, contact_id: str) -> int:
    """From now on nobody can tell what was written to or about them."""
    return int(tx.execute(audit_salts.delete().where(audit_salts.c.contact_id == contact_id)).rowcount)


def says(tx: Connection, entry: Entry, words: str) -> bool | None:
    """Whether these are the words that the entry is about; None: nobody can tell any more."""
    salt = tx.execute(sa.select(audit_salts.c.salt).where(audit_salts.c.contact_id == entry.salt_of)).scalar()
    if salt is None or entry.fingerprint is None:
        return None
    return hmac.compare_digest(entry.fingerprint, _fingerprint(salt, words))


def _all(tx: Connection) -> Iterator[Entry]:
    after = 0
    while found := entries(tx, after=after):
        yield from found
        after = found[-1].id


def _contact_of(tx: Connection, conversation_id: str | None) -> str | None:
    """Whoever orders something may still have the id of before."""
    if conversation_id is None:
        return None
    now_id = former_ids.resolved(tx, conversation_id)
    found: str | None = tx.execute(sa.select(conversations.c.contact_id).where(conversations.c.id == now_id)).scalar()
    return found


def _salt(tx: Connection, contact_id: str) -> bytes:
    query = sa.select(audit_salts.c.salt).where(audit_salts.c.contact_id == contact_id)
    salt: bytes | None = tx.execute(query).scalar()
    if salt is None:
        row = {"contact_id": contact_id, "salt": secrets.token_bytes(_SALT_BYTES)}
        tx.execute(_add_salt(tx), row)
        salt = tx.execute(query).scalar()
    assert salt is not None
    return salt


def _add_salt(tx: Connection) -> Any:
    """Two who write about somebody at once agree on one salt."""
    dialect: Any = postgresql if tx.dialect.name == "postgresql" else sqlite
    return dialect.insert(audit_salts).on_conflict_do_nothing()


def _fingerprint(salt: bytes, words: str) -> str:
    return hmac.new(salt, words.encode(), hashlib.sha256).hexdigest()


def _hash(values: Mapping[str, Any]) -> str:
    """Over what the row says and the hash of the one before it, the same on every database."""
    kept = {name: values[name] for name in ("by", "action", "facts", "fingerprint", "salt_of", "previous")}
    kept["at"] = (values["at"] - _EPOCH) // _MICROSECOND
    return hashlib.sha256(json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
