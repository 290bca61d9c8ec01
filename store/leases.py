"""Leases: the right to run actors, for a time. Each holder has its own number, by which late writes are refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.tables import leases


@dataclass(frozen=True, kw_only=True)
class Lease:
    name: str
    holder: str
    number: int


def acquire(tx: Connection, name: str, holder: str, *, now: datetime, ttl_s: float, house: str) -> Lease | None:
    """The lease, if it is free, expired, or was held by one of the same `house` (whose parent saw it end)."""
    row = tx.execute(sa.select(leases).where(leases.c.name == name).with_for_update()).first()
    expires_at = now + timedelta(seconds=ttl_s)
    if row is None:
        tx.execute(leases.insert().values(name=name, holder=holder, number=1, expires_at=expires_at))
        return Lease(name=name, holder=holder, number=1)
    same_house = row.holder.split("/")[0] == house
    if row.expires_at > now and not same_house:
        return None
    tx.execute(
        leases.update().where(leases.c.name == name).values(holder=holder, number=row.number + 1, expires_at=expires_at)
    )
    return Lease(name=name, holder=holder, number=row.number + 1)


def renew(tx: Connection, lease: Lease, *, now: datetime, ttl_s: float) -> bool:
    result = tx.execute(
        leases.update()
        .where(leases.c.name == lease.name, leases.c.number == lease.number)
        .values(expires_at=now + timedelta(seconds=ttl_s))
    )
    return bool(result.rowcount)


def held(tx: Connection, lease: Lease) -> bool:
    """Whether it is still ours; nobody can take it until this transaction ends."""
    number = tx.execute(
        sa.select(leases.c.number).where(leases.c.name == lease.name).with_for_update(read=True)
    ).scalar()
    return number == lease.number


def give_back(tx: Connection, lease: Lease, now: datetime) -> None:
    tx.execute(
        leases.update().where(leases.c.name == lease.name, leases.c.number == lease.number).values(expires_at=now)
    )
