"""The buckets of how fast we write: rows, so that they hold over any number of processes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from conversation.account import AccountId
from conversation.conversation import ConversationId
from conversation.pacing import Bucket
from store.tables import paces

_LOOK = {
    "sqlite": sa.select(paces.c.level, paces.c.at).where(paces.c.name == sa.bindparam("which")),
    "postgresql": sa.select(paces.c.level, paces.c.at).where(paces.c.name == sa.bindparam("which")).with_for_update(),
}
_BEGIN: dict[str, Any] = {
    "sqlite": sqlite.insert(paces).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(paces).on_conflict_do_nothing(),
}
_PUT = paces.update().where(paces.c.name == sa.bindparam("which"))


def of_number(account_id: AccountId) -> str:
    return f"number:{account_id}"


def of_pair(conversation_id: ConversationId) -> str:
    return f"pair:{conversation_id}"


def look(tx: Connection, name: str) -> Bucket | None:
    """The bucket, which is ours until this transaction ends; None: nobody has taken from it yet. Taken after all locks
    of the house; a pair's before its number's."""
    row = tx.execute(_LOOK[tx.dialect.name], {"which": name}).first()
    return None if row is None else Bucket(level=row.level, at=row.at)


def begin(tx: Connection, name: str, full: Bucket, conversation_id: ConversationId | None) -> Bucket:
    """The bucket of nobody yet. Who comes second waits for the first, and finds what that one left."""
    values = {"name": name, "conversation_id": conversation_id, "level": full.level, "at": full.at}
    tx.execute(_BEGIN[tx.dialect.name], values)
    return look(tx, name) or full


def put(tx: Connection, name: str, bucket: Bucket) -> None:
    tx.execute(_PUT, {"which": name, "level": bucket.level, "at": bucket.at})


def several(tx: Connection, names: Collection[str]) -> dict[str, Bucket]:
    """As they stand; for looking only."""
    rows = tx.execute(sa.select(paces).where(paces.c.name.in_(list(names))))
    return {row.name: Bucket(level=row.level, at=row.at) for row in rows}
