"""Leases: whose actor a conversation is, for a time. They keep two workers from thinking about the same mail.

That only one of two has an effect is not their business: a turn's commit is refused once a later one was begun.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from store.tables import leases

_EXPIRED_ROWS_KEPT = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A process that takes leases or claims. `house` names its parent, who starts another only when this one has ended:
    what a holder of our own house left behind is ours at once."""

    house: str
    name: str

    def __str__(self) -> str:
        return f"{self.house}/{self.name}"

    @property
    def house_pattern(self) -> str:
        """For LIKE: everybody of this house."""
        return self.house.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "/%"


def free_for_binds() -> Any:
    """Free for `:holder` of `:house` at `:now`: its own, one of its house, or over."""
    return sa.or_(
        leases.c.holder == sa.bindparam("holder"),
        leases.c.holder.like(sa.bindparam("house"), escape="\\"),
        leases.c.expires_at <= sa.bindparam("now", type_=leases.c.expires_at.type),
    )


def _take(insert: Any) -> Any:
    made = insert(leases).values(
        name=sa.bindparam("name"), holder=sa.bindparam("holder"), expires_at=sa.bindparam("until", type_=_INSTANT)
    )
    return made.on_conflict_do_update(
        index_elements=[leases.c.name],
        set_={"holder": made.excluded.holder, "expires_at": made.excluded.expires_at},
        where=free_for_binds(),
    )


_INSTANT = leases.c.expires_at.type
_TAKE: dict[str, Any] = {"sqlite": _take(sqlite.insert), "postgresql": _take(postgresql.insert)}


def take(tx: Connection, name: str, holder: Holder, *, now: datetime, ttl_s: float) -> bool:
    """Whether it is the holder's now: it was free, over, already its own, or left by one of its house."""
    values = {
        "name": name,
        "holder": str(holder),
        "house": holder.house_pattern,
        "now": now,
        "until": now + timedelta(seconds=ttl_s),
    }
    return bool(tx.execute(_TAKE[tx.dialect.name], values).rowcount)


def renew(tx: Connection, names: Iterable[str], holder: Holder, *, now: datetime, ttl_s: float) -> None:
    """Those of these that are still the holder's. Long expired rows of anybody are removed."""
    tx.execute(
        leases.update()
        .where(leases.c.name.in_(list(names)), leases.c.holder == str(holder))
        .values(expires_at=now + timedelta(seconds=ttl_s))
    )
    tx.execute(leases.delete().where(leases.c.expires_at < now - _EXPIRED_ROWS_KEPT))


def give_back(tx: Connection, holder: Holder) -> None:
    """All of the holder's."""
    tx.execute(leases.delete().where(leases.c.holder == str(holder)))


def forget(tx: Connection, name: str) -> None:
    """There is nothing of this name any more."""
    tx.execute(leases.delete().where(leases.c.name == name))


def holder_of(tx: Connection, name: str, now: datetime) -> str | None:
    """Who has it; None where it is free."""
    return tx.execute(sa.select(leases.c.holder).where(leases.c.name == name, leases.c.expires_at > now)).scalar()
