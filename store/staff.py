"""Operators as admins change them: added, given another role or other accounts. An admin always remains."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation import versions
from conversation.account import AccountId
from conversation.errors import Refused
from conversation.people import Role
from conversation.said import say
from store import notices, operators, people
from store.tables import operators as table

_HELD = sa.select(table.c.version).where(table.c.name == sa.bindparam("who")).with_for_update(key_share=True)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The accounts an operator is to see; `only` None: all there are and will be."""

    only: tuple[str, ...] | None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be changed; None: it stays."""

    role: Role | None = None
    accounts: Seen | None = None
    capacity: int | None = None


def add(tx: Connection, name: str, role: Role, wanted: Wanted, now: datetime) -> None:
    """Without a token and without a password: nobody is they yet."""
    operators.make(tx, name, role, now)
    _write(tx, name, wanted)
    _tell(tx, name, now)


def change(tx: Connection, name: str, wanted: Wanted, now: datetime, *, version: int | None = None) -> None:
    """`version`: the one it was decided on; `Refused` (edited) where somebody has changed it since."""
    if wanted.role is not None and wanted.role is not Role.ADMIN:
        keep_an_admin(tx, name)
    current = tx.execute(_HELD, {"who": name}).scalar()
    if current is None:
        raise operators.there_is_no(name)
    versions.check(current, version)
    if wanted == Wanted():
        return
    _write(tx, name, wanted)
    tx.execute(table.update().where(table.c.name == name).values(version=table.c.version + 1))
    _tell(tx, name, now)


def keep_an_admin(tx: Connection, name: str) -> None:
    """Before one is taken away or made something less. Who does so to another at the same time waits here."""
    admins = sa.select(table.c.name).where(table.c.role == Role.ADMIN.value, table.c.name != operators.PHONE_PAGE)
    held = set(tx.execute(admins.order_by(table.c.name).with_for_update(key_share=True)).scalars())
    if held == {name}:
        raise Refused(say("{name} is the only admin: make another one first.", name=name), code="last_admin")


def told(tx: Connection, name: str, now: datetime) -> None:
    """Whoever shows operators reads them again."""
    _tell(tx, name, now)


def _write(tx: Connection, name: str, wanted: Wanted) -> None:
    if wanted.role is not None:
        people.set_role(tx, name, wanted.role)
    if wanted.capacity is not None:
        people.set_capacity(tx, name, wanted.capacity)
    if wanted.accounts is not None:
        people.set_accounts(tx, name, _ids(wanted.accounts.only))


def _ids(named: Iterable[str] | None) -> list[AccountId] | None:
    return None if named is None else [AccountId(each) for each in named]


def _tell(tx: Connection, name: str, now: datetime) -> None:
    notices.add(tx, "operator", None, {"name": name, "presence": operators.get(tx, name).presence.value}, now)
