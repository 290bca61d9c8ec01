"""Operators, known by a token of which only a hash is kept. Whether they are there and what they have: `people.py`."""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.account import AccountId
from conversation.errors import BadInput, NotFound
from conversation.handover import PHONE
from conversation.people import Operator, Presence, Role
from store.tables import operator_accounts, operators

__all__ = ["Operator", "Role", "add", "all_of", "by_token", "find", "from_row", "get", "remove", "renew_token"]

#: Words that stand where an operator's name could: nobody may be called so.
_TAKEN = frozenset({PHONE, "inbox", "assistant", "customer", "system", "timer"})
_LONGEST_NAME = 120

_BY_TOKEN = sa.select(operators).where(operators.c.token_hash == sa.bindparam("hash"))
_BY_NAME = sa.select(operators).where(operators.c.name == sa.bindparam("who"))
_ACCOUNTS = sa.select(operator_accounts.c.account_id).where(operator_accounts.c.operator == sa.bindparam("who"))


def from_row(row: Any, accounts: frozenset[AccountId]) -> Operator:
    return Operator(
        name=row.name,
        role=Role(row.role),
        all_accounts=row.all_accounts,
        accounts=accounts,
        presence=Presence(row.presence),
        seen_at=row.seen_at,
        capacity=row.capacity,
    )


def add(tx: Connection, name: str, role: Role, now: datetime) -> str:
    """The new operator's token, seen here once and never again. 256 random bits need no slow hash."""
    if not name.strip() or len(name) > _LONGEST_NAME:
        raise BadInput(f"An operator needs a name, of {_LONGEST_NAME} characters at most.")
    if name.strip().lower() in _TAKEN:
        raise BadInput(f"Nobody can be named {name}: logs say so of somebody else.")
    if find(tx, name) is not None:
        raise BadInput(f"There is already an operator named {name}. `./baton operator token {name}` makes a new token.")
    token = _new_token()
    tx.execute(operators.insert().values(name=name, role=role.value, token_hash=_hash(token), created_at=now))
    return token


def renew_token(tx: Connection, name: str, token: str | None = None) -> str:
    """A new token, or the one given; the old one is worth nothing from now on."""
    token = token or _new_token()
    changed = tx.execute(operators.update().where(operators.c.name == name).values(token_hash=_hash(token)))
    if not changed.rowcount:
        raise _nobody(name)
    return token


def remove(tx: Connection, name: str) -> None:
    """With them go their places in teams and what they wanted to be told; what they own the caller gives on."""
    if not tx.execute(operators.delete().where(operators.c.name == name)).rowcount:
        raise _nobody(name)


def by_token(tx: Connection, token: str) -> Operator | None:
    row = tx.execute(_BY_TOKEN, {"hash": _hash(token)}).first()
    return _whole(tx, row) if row else None


def find(tx: Connection, name: str) -> Operator | None:
    row = tx.execute(_BY_NAME, {"who": name}).first()
    return _whole(tx, row) if row else None


def get(tx: Connection, name: str) -> Operator:
    operator = find(tx, name)
    if operator is None:
        raise _nobody(name)
    return operator


def all_of(tx: Connection) -> list[Operator]:
    accounts = defaultdict(set)
    for row in tx.execute(sa.select(operator_accounts)):
        accounts[row.operator].add(AccountId(row.account_id))
    rows = tx.execute(sa.select(operators).order_by(operators.c.created_at, operators.c.name))
    return [from_row(row, frozenset() if row.all_accounts else frozenset(accounts[row.name])) for row in rows]


def _whole(tx: Connection, row: Any) -> Operator:
    """Most see all accounts, and are known by one question."""
    if row.all_accounts:
        return from_row(row, frozenset())
    return from_row(row, frozenset(AccountId(each) for each in tx.execute(_ACCOUNTS, {"who": row.name}).scalars()))


def _nobody(name: str) -> NotFound:
    return NotFound(f"There is no operator named {name}.")


def _new_token() -> str:
    return "bt_" + secrets.token_urlsafe(32)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
