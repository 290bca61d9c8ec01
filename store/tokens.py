"""Access tokens that end: until when each is good, and when a new one is to be asked for. The times are rows: they
outlive a restart.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.account import Account, AccountId, Channel
from conversation.channel_settings import Login
from store import accounts as all_accounts
from store import doors
from store.tables import accounts
from store.vault import Vault

#: Instagram gives a new token only for one that is a day old [IG docs: refresh access token]; an hour is for clocks.
REFRESHABLE_AFTER = timedelta(hours=25)
#: Of sixty days the last ten are for trying again.
SPARE = timedelta(days=10)


@dataclass(frozen=True, kw_only=True)
class Due:
    """A token to be renewed. `sealed`, as it stands in the row, tells whether somebody has set another meanwhile."""

    account: Account
    token: str
    sealed: bytes
    due_at: datetime


def refresh_due_at(expires_at: datetime | None, now: datetime) -> datetime:
    """When to ask for a new one, of a token got now; where nobody knows how long it is good, as soon as may be."""
    earliest = now + REFRESHABLE_AFTER
    return earliest if expires_at is None else min(max(earliest, expires_at - SPARE), expires_at)


def save(
    tx: Connection,
    vault: Vault,
    account_id: AccountId,
    token: str,
    *,
    expires_at: datetime | None,
    now: datetime,
    in_place_of: bytes | None = None,
) -> bool:
    """The account's token from now on, and no fault. `in_place_of`: only if that is still the one it has."""
    doors.hold(tx, account_id)
    this = accounts.c.id == account_id
    if in_place_of is not None:
        this = sa.and_(this, accounts.c.token == in_place_of)
    saved = tx.execute(
        accounts.update()
        .where(this)
        .values(
            token=vault.seal(token),
            token_expires_at=expires_at,
            refresh_due_at=refresh_due_at(expires_at, now),
            fault=None,
            paused_until=None,
        )
    )
    return bool(saved.rowcount)


def drop(tx: Connection, account_id: AccountId, fault: str) -> None:
    """Its owner has taken it back."""
    doors.hold(tx, account_id)
    gone = {"token": None, "token_expires_at": None, "refresh_due_at": None, "fault": fault}
    tx.execute(accounts.update().where(accounts.c.id == account_id).values(**gone))


def dead(tx: Connection, found: Due, fault: str) -> bool:
    """Nothing brings it back; it is not asked again. False where somebody has set another meanwhile."""
    doors.hold(tx, found.account.id)
    return bool(tx.execute(accounts.update().where(_still(found)).values(refresh_due_at=None, fault=fault)).rowcount)


def learnt(tx: Connection, found: Due, expires_at: datetime | None) -> bool:
    """Until when it is good, by the channel's word. False where somebody has set another meanwhile."""
    doors.hold(tx, found.account.id)
    told = accounts.update().where(_still(found)).values(token_expires_at=expires_at)
    return bool(tx.execute(told).rowcount)


def is_still_there(tx: Connection, found: Due) -> bool:
    """False where somebody has set another meanwhile."""
    doors.hold(tx, found.account.id)
    return tx.execute(sa.select(accounts.c.id).where(_still(found)).with_for_update(key_share=True)).first() is not None


def again(tx: Connection, found: Due, at: datetime) -> None:
    tx.execute(accounts.update().where(_still(found)).values(refresh_due_at=at))


def _still(found: Due) -> sa.sql.ColumnElement:
    return sa.and_(accounts.c.id == found.account.id, accounts.c.token == found.sealed)


def schedule(tx: Connection, now: datetime) -> None:
    """Tokens that somebody typed in: nobody knows how old they are, so they are renewed when they surely may be."""
    for row in tx.execute(_unscheduled()).all():
        if all_accounts.from_row(row).channel_settings.login is Login.INSTAGRAM:
            later = {"refresh_due_at": refresh_due_at(None, now)}
            tx.execute(accounts.update().where(accounts.c.id == row.id).values(**later))


def unscheduled(tx: Connection) -> bool:
    """Whether there may be any to schedule: else there is nothing to write."""
    rows = tx.execute(_unscheduled()).all()
    return any(all_accounts.from_row(row).channel_settings.login is Login.INSTAGRAM for row in rows)


def _unscheduled() -> sa.sql.Select:
    return sa.select(accounts).where(
        accounts.c.channel == Channel.INSTAGRAM.value,
        accounts.c.token.is_not(None),
        accounts.c.refresh_due_at.is_(None),
        accounts.c.fault.is_(None),
    )


def due(tx: Connection, vault: Vault, now: datetime) -> list[Due]:
    query = sa.select(accounts).where(accounts.c.refresh_due_at <= now, accounts.c.token.is_not(None))
    return [_from_row(vault, row, row.refresh_due_at) for row in tx.execute(query)]


def of_account(tx: Connection, vault: Vault, account_id: AccountId) -> Due | None:
    """Its token, whenever it is due; None where it has none."""
    row = tx.execute(sa.select(accounts).where(accounts.c.id == account_id, accounts.c.token.is_not(None))).first()
    return None if row is None else _from_row(vault, row, row.refresh_due_at or row.created_at)


def _from_row(vault: Vault, row: Any, due_at: datetime) -> Due:
    return Due(account=all_accounts.from_row(row), token=vault.open(row.token), sealed=row.token, due_at=due_at)


def put_off(tx: Connection, found: Due, until: datetime) -> bool:
    """Whoever does this first has it to renew, and until then nobody else; it is looked at again if they end."""
    taken = tx.execute(
        accounts.update()
        .where(accounts.c.id == found.account.id, accounts.c.refresh_due_at == found.due_at)
        .values(refresh_due_at=until)
    )
    return bool(taken.rowcount)
