"""Passwords of operators, and what was tried with a name: an operator's own row, or one of a name that nobody has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from conversation.lock_out import FORGOTTEN_AFTER, Failures
from store import operators
from store.tables import operators as people
from store.tables import unknown_sign_ins as unknown

_AT_ONCE = 200
_NEVER = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A name somebody signs in with. `hash`: under which it is remembered where nobody has it."""

    name: str
    hash: str


@dataclass(frozen=True, kw_only=True)
class Standing:
    """`name`: None where nobody has it. `password_hash`: None where they have no password."""

    name: str | None
    password_hash: str | None
    failures: Failures


def of(tx: Connection, tried: Tried) -> Standing:
    return _read(tx, tried, lock=False)


def held(tx: Connection, tried: Tried) -> Standing:
    """The same; nobody else changes it until this transaction ends."""
    return _read(tx, tried, lock=True)


def failed(tx: Connection, tried: Tried, standing: Standing, now: datetime) -> Failures:
    """Written down under the lock of `held`: two tries at once are two."""
    failures = standing.failures.and_one_more(now)
    if standing.name is not None:
        _change(tx, standing.name, failed_sign_ins=failures.many, locked_until=failures.until)
    else:
        _remove_forgotten(tx, tried, now)
        values = {"failed": failures.many, "locked_until": failures.until}
        tx.execute(unknown.update().where(unknown.c.name_hash == tried.hash).values(**values))
    return failures


def succeeded(tx: Connection, name: str) -> None:
    _change(tx, name, failed_sign_ins=0, locked_until=None)


def set_password(tx: Connection, name: str, password_hash: str) -> None:
    """Whoever was shut out is so no longer: the password that was guessed at is gone."""
    operators.get(tx, name)
    _change(tx, name, password_hash=password_hash, failed_sign_ins=0, locked_until=None)


def rehash(tx: Connection, name: str, old: str, new: str) -> None:
    """The same password under another hash, unless it was changed meanwhile."""
    same = sa.and_(people.c.name == name, people.c.password_hash == old)
    tx.execute(people.update().where(same).values(password_hash=new))


def has_password(tx: Connection, name: str) -> bool:
    query = sa.select(people.c.password_hash.isnot(None)).where(people.c.name == name)
    return bool(tx.execute(query).scalar())


def _read(tx: Connection, tried: Tried, *, lock: bool) -> Standing:
    query = sa.select(people).where(people.c.name == tried.name)
    row = tx.execute(query.with_for_update(key_share=True) if lock else query).first()
    if row is not None:
        failures = Failures(many=row.failed_sign_ins, until=row.locked_until)
        return Standing(name=row.name, password_hash=row.password_hash, failures=failures)
    return Standing(name=None, password_hash=None, failures=_unknown(tx, tried, lock=lock))


def _unknown(tx: Connection, tried: Tried, *, lock: bool) -> Failures:
    query = sa.select(unknown).where(unknown.c.name_hash == tried.hash)
    if not lock:
        row = tx.execute(query).first()
        return Failures(many=row.failed, until=row.locked_until) if row else Failures()
    dialect: Any = postgresql if tx.dialect.name == "postgresql" else sqlite
    never = {"name_hash": tried.hash, "failed": 0, "locked_until": _NEVER}
    tx.execute(dialect.insert(unknown).on_conflict_do_nothing(), never)
    row = tx.execute(query.with_for_update()).one()
    return Failures(many=row.failed, until=row.locked_until)


def _remove_forgotten(tx: Connection, tried: Tried, now: datetime) -> None:
    """But this one, and those that somebody tries just now."""
    old = sa.select(unknown.c.name_hash).where(
        unknown.c.locked_until <= now - FORGOTTEN_AFTER, unknown.c.name_hash != tried.hash
    )
    free = old.limit(_AT_ONCE).with_for_update(skip_locked=True)
    tx.execute(unknown.delete().where(unknown.c.name_hash.in_(free)))


def _change(tx: Connection, name: str, **values: Any) -> None:
    tx.execute(people.update().where(people.c.name == name).values(**values))
