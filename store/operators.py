"""Operators, known by a token of which only a hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.errors import BadInput, NotFound
from store.tables import operators


class Role(str, Enum):
    ADMIN = "admin"  # may do everything, also give back what another person has
    OPERATOR = "operator"  # takes, replies, gives back


@dataclass(frozen=True, kw_only=True)
class Operator:
    name: str
    role: Role


def add(tx: Connection, name: str, role: Role, now: datetime) -> str:
    """The new operator's token, seen here once and never again. 256 random bits need no slow hash."""
    if not name.strip():
        raise BadInput("An operator needs a name.")
    if tx.execute(sa.select(operators.c.name).where(operators.c.name == name)).first():
        raise BadInput(f"There is already an operator named {name}. `./baton operator token {name}` makes a new token.")
    token = _new_token()
    tx.execute(operators.insert().values(name=name, role=role.value, token_hash=_hash(token), created_at=now))
    return token


def renew_token(tx: Connection, name: str, token: str | None = None) -> str:
    """A new token, or the one given; the old one is worth nothing from now on."""
    token = token or _new_token()
    changed = tx.execute(operators.update().where(operators.c.name == name).values(token_hash=_hash(token)))
    if not changed.rowcount:
        raise NotFound(f"There is no operator named {name}.")
    return token


def remove(tx: Connection, name: str) -> None:
    if not tx.execute(operators.delete().where(operators.c.name == name)).rowcount:
        raise NotFound(f"There is no operator named {name}.")


def by_token(tx: Connection, token: str) -> Operator | None:
    row = tx.execute(sa.select(operators).where(operators.c.token_hash == _hash(token))).first()
    return Operator(name=row.name, role=Role(row.role)) if row else None


def all_of(tx: Connection) -> list[Operator]:
    rows = tx.execute(sa.select(operators).order_by(operators.c.created_at, operators.c.name))
    return [Operator(name=row.name, role=Role(row.role)) for row in rows]


def _new_token() -> str:
    return "bt_" + secrets.token_urlsafe(32)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
