"""Operators, and what they may do and see. How they prove themselves: `operator_tokens.py`; whether they are there and
what they have: `people.py`."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.account import AccountId
from conversation.errors import BadInput, NotFound
from conversation.handover import PHONE
from conversation.people import Operator, Presence, Role
from conversation.said import say
from store import operator_tokens
from store.operator_tokens import Token, TokenKind
from store.tables import operator_accounts, operators

__all__ = ["Operator", "Role", "add", "all_of", "by_token", "find", "from_row", "get", "make", "remove", "renew_token"]

#: Whoever is at the machine itself, and sees all of it.
COMMAND_LINE = "command line"
#: Words that stand where an operator's name could: nobody may be called so.
_TAKEN = frozenset({PHONE, "inbox", "assistant", "customer", "system", "timer", "nobody", COMMAND_LINE})
#: The emulator's own operator: made and taken away with it, so no admin to rely on.
PHONE_PAGE = "phone-page"
_LONGEST_NAME = 120
_FIRST = "first"  # the label of the token that is made with them

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
        version=row.version,
    )


def add(tx: Connection, name: str, role: Role, now: datetime) -> str:
    """The new operator's first token, seen here once and never again."""
    make(tx, name, role, now)
    return first_token(tx, name, now)


def make(tx: Connection, name: str, role: Role, now: datetime) -> None:
    """A new operator, whom nobody can prove to be yet."""
    if not name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
        raise BadInput(say("An operator needs a name, of {most} printable characters at most.", most=_LONGEST_NAME))
    if name.strip().lower() in _TAKEN:
        raise BadInput(say("Nobody can be named {name}: logs say so of somebody else.", name=name))
    if find(tx, name) is not None:
        raise BadInput(
            say(
                "There is already an operator named {name}. `./baton operator token {name}` makes a new token.",
                name=name,
            )
        )
    tx.execute(operators.insert().values(name=name, role=role.value, created_at=now))


def first_token(tx: Connection, name: str, now: datetime) -> str:
    return operator_tokens.add(tx, name, TokenKind.KEY, now, label=_FIRST)[1]


def renew_token(tx: Connection, name: str, now: datetime, token: str | None = None) -> str:
    """A new token, or the one given; all they had are worth nothing from now on, and who was signed in is not."""
    get(tx, name)
    operator_tokens.revoke_all(tx, name)
    return operator_tokens.add(tx, name, TokenKind.KEY, now, label=_FIRST, word=token)[1]


def remove(tx: Connection, name: str) -> None:
    """With them go their places in teams and what they wanted to be told; what they own the caller gives on."""
    if not tx.execute(operators.delete().where(operators.c.name == name)).rowcount:
        raise there_is_no(name)


def by_token(tx: Connection, token: str, now: datetime) -> Operator | None:
    """Who has this token, where it is good now."""
    found = signed_in(tx, token, now)
    return found[0] if found else None


def signed_in(tx: Connection, token: str, now: datetime) -> tuple[Operator, Token] | None:
    """Who has this token, and what is known of it."""
    found = operator_tokens.by_word(tx, token, now)
    return (get(tx, found.operator), found) if found else None


def find(tx: Connection, name: str) -> Operator | None:
    row = tx.execute(_BY_NAME, {"who": name}).first()
    return _whole(tx, row) if row else None


def get(tx: Connection, name: str) -> Operator:
    operator = find(tx, name)
    if operator is None:
        raise there_is_no(name)
    return operator


def joined_at(tx: Connection, name: str) -> datetime:
    found: datetime | None = tx.execute(sa.select(operators.c.created_at).where(operators.c.name == name)).scalar()
    if found is None:
        raise there_is_no(name)
    return found


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


def there_is_no(name: str) -> NotFound:
    return NotFound(say("There is no operator named {name}.", name=name))
