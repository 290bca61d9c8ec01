"""Accounts that Meta takes nothing of for now: all waits, and then one request tries before the others go on.

going ──too much, or stopped──▶ paused until a time ──it is over──▶ one tries ──it got through──▶ going
                                      ▲                                 │
                                      └──────── for longer ◀── refused ─┘
"""

from __future__ import annotations

import re
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.account import Account, AccountId
from store import doors
from store.tables import accounts

_TRACE = re.compile(r", trace [A-Za-z0-9_-]+")


def pause(tx: Connection, account_id: AccountId, until: datetime, *, fault: str | None = None) -> bool:
    """Nothing leaves before then. `fault`: and not until somebody mends it; whether that is news."""
    doors.hold(tx, account_id)
    this = sa.select(accounts.c.paused_until, accounts.c.fault).where(accounts.c.id == account_id)
    before = tx.execute(this.with_for_update(key_share=True)).one()
    values = {"paused_until": max(until, before.paused_until or until), **({"fault": fault} if fault else {})}
    tx.execute(accounts.update().where(accounts.c.id == account_id).values(**values))
    return fault is not None and (before.paused_until is None or _which(before.fault) != _which(fault))


def _which(fault: str | None) -> str | None:
    """Meta numbers each refusal; the same fault is the same without that."""
    return None if fault is None else _TRACE.sub("", fault)


def take_the_try(tx: Connection, account_id: AccountId, now: datetime, until: datetime) -> bool:
    """Whether this is the one request that tries; nobody else does before `until`, should nothing become of it."""
    doors.hold(tx, account_id)
    over = sa.and_(accounts.c.id == account_id, accounts.c.paused_until <= now)
    return bool(tx.execute(accounts.update().where(over).values(paused_until=until)).rowcount)


def let_another_try(tx: Connection, account: Account, try_until: datetime) -> None:
    """The one that tried could not tell whether the account goes on. `account`: as it was before."""
    doors.hold(tx, account.id)
    still = sa.and_(accounts.c.id == account.id, accounts.c.paused_until == try_until)
    tx.execute(accounts.update().where(still).values(paused_until=account.paused_until))


def go_on(tx: Connection, account_id: AccountId) -> None:
    """One got through, or somebody mended it."""
    doors.hold(tx, account_id)
    tx.execute(accounts.update().where(accounts.c.id == account_id).values(paused_until=None, fault=None))
