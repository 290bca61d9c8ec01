"""Ids of contacts and conversations that turned out to be another one: whoever still has the old one is led there."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.prepared import Prepared
from store.tables import former_ids

CONTACT, CONVERSATION = "contact", "conversation"
_NOW = Prepared(sa.select(former_ids.c.new_id).where(former_ids.c.old_id == sa.bindparam("old")))


def now_called(tx: Connection, old_id: str) -> str | None:
    """What it is now; None: nothing was ever called so, or it still is."""
    found = _NOW.first(tx, old=old_id)
    return None if found is None else str(found[0])


def resolved(tx: Connection, any_id: str) -> str:
    """The id it goes by now: its own, unless it became another."""
    return now_called(tx, any_id) or any_id


def add(tx: Connection, old_id: str, new_id: str, kind: str, now: datetime) -> None:
    """From now on the old one leads to the new one, and so does all that led to the old one."""
    tx.execute(former_ids.update().where(former_ids.c.new_id == old_id).values(new_id=new_id))
    tx.execute(former_ids.insert(), {"old_id": old_id, "new_id": new_id, "kind": kind, "at": now})


def of(tx: Connection, new_id: str) -> list[str]:
    """All that lead to this one, in order."""
    query = sa.select(former_ids.c.old_id).where(former_ids.c.new_id == new_id).order_by(former_ids.c.old_id)
    return list(tx.execute(query).scalars())


def forget(tx: Connection, *new_ids: str | None) -> None:
    """Nothing leads to these any more."""
    tx.execute(former_ids.delete().where(former_ids.c.new_id.in_([each for each in new_ids if each is not None])))
