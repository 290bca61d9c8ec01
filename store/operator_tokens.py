"""What operators prove themselves with: tokens, of which only hashes are kept. Each ends when it is told to.

A key is made to be kept by a program; a session is made by signing in, and ends by itself.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.errors import NotFound
from conversation.ids import new_id
from conversation.said import say
from store.tables import operator_tokens as table

#: How often it is written down that one was used.
SEEN_EVERY = timedelta(minutes=5)

_BY_HASH = sa.select(table).where(table.c.hash == sa.bindparam("hash"))


class TokenKind(str, Enum):
    KEY = "key"
    SESSION = "session"


@dataclass(frozen=True, kw_only=True)
class Token:
    """`expires_at`: None where it ends only by being taken away."""

    id: str
    operator: str
    kind: TokenKind
    label: str
    created_at: datetime
    expires_at: datetime | None
    seen_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at


def from_row(row: Any) -> Token:
    return Token(
        id=row.id,
        operator=row.operator,
        kind=TokenKind(row.kind),
        label=row.label,
        created_at=row.created_at,
        expires_at=row.expires_at,
        seen_at=row.seen_at,
    )


def add(
    tx: Connection,
    operator: str,
    kind: TokenKind,
    now: datetime,
    *,
    label: str = "",
    expires_at: datetime | None = None,
    word: str | None = None,
) -> tuple[Token, str]:
    """The token and its word, which is seen here once and never again. 256 random bits need no slow hash."""
    word = word or fresh_word()
    token = Token(
        id=new_id("tok"),
        operator=operator,
        kind=kind,
        label=label[:120],
        created_at=now,
        expires_at=expires_at,
        seen_at=None,
    )
    values = {**vars(token), "kind": kind.value, "hash": hash_of(word)}
    tx.execute(table.insert().values(values))
    return token, word


def by_word(tx: Connection, word: str, now: datetime) -> Token | None:
    """The token that is good now; None where there is none, or it has ended."""
    row = tx.execute(_BY_HASH, {"hash": hash_of(word)}).first()
    token = from_row(row) if row else None
    return token if token is not None and token.is_good(now) else None


def find(tx: Connection, token_id: str) -> Token | None:
    row = tx.execute(sa.select(table).where(table.c.id == token_id)).first()
    return from_row(row) if row else None


def of_operator(tx: Connection, operator: str) -> Sequence[Token]:
    """The oldest first."""
    rows = tx.execute(sa.select(table).where(table.c.operator == operator).order_by(table.c.created_at, table.c.id))
    return [from_row(row) for row in rows]


def seen(tx: Connection, token_id: str, now: datetime) -> None:
    tx.execute(table.update().where(table.c.id == token_id).values(seen_at=now))


def revoke(tx: Connection, token_id: str, operator: str) -> None:
    """It is worth nothing from now on, and a socket that was opened with it is closed. One of somebody else's is not
    there."""
    if not tx.execute(table.delete().where(table.c.id == token_id, table.c.operator == operator)).rowcount:
        raise NotFound(say("There is no token {token}.", token=token_id))


def revoke_all(tx: Connection, operator: str, *, but: str | None = None, kind: TokenKind | None = None) -> list[str]:
    """All of an operator's, of one kind where it is named, but one where it is named; their ids."""
    theirs = sa.select(table.c.id).where(table.c.operator == operator).order_by(table.c.id)
    if but is not None:
        theirs = theirs.where(table.c.id != but)
    if kind is not None:
        theirs = theirs.where(table.c.kind == kind.value)
    ids = list(tx.execute(theirs).scalars())
    tx.execute(table.delete().where(table.c.id.in_(ids)))
    return ids


def remove_ended(tx: Connection, now: datetime, limit: int = 200) -> int:
    """Those that have ended by themselves; how many."""
    ended = sa.select(table.c.id).where(table.c.expires_at <= now).limit(limit)
    return int(tx.execute(table.delete().where(table.c.id.in_(ended))).rowcount)


def fresh_word() -> str:
    return "bt_" + secrets.token_urlsafe(32)


def hash_of(word: str) -> str:
    return hashlib.sha256(word.encode()).hexdigest()
