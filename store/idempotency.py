"""What a send under a key of the client's led to, kept in the transaction that sent it: asked again, it is told again.

A key is one operator's own. Who sends the same at the same moment waits for the other's commit, and is told what that
came to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from conversation.conversation import ConversationId
from conversation.errors import Refused
from conversation.said import say
from store.tables import idempotency_keys as table

#: How long a key is known.
KEPT = timedelta(hours=48)
_HOLD: dict[str, Any] = {
    "sqlite": sqlite.insert(table).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(table).on_conflict_do_nothing(),
}


@dataclass(frozen=True, kw_only=True)
class Once:
    """`request`: a hash of all that was asked, so that a key is not used for something else."""

    operator: str
    key: str
    request: str


def find(tx: Connection, once: Once) -> dict[str, Any] | None:
    """What it led to; `Refused` where the key stands for something else; None where nothing was sent under it."""
    row = tx.execute(sa.select(table).where(*_this(once))).first()
    if row is None:
        return None
    if row.request != once.request:
        raise Refused(say("This Idempotency-Key was used for another request."), code="idempotency_key_reused")
    answer: dict[str, Any] = row.answer
    return answer


def hold(tx: Connection, once: Once, conversation_id: ConversationId, now: datetime) -> dict[str, Any] | None:
    """None: the key is ours until this transaction ends. Else what it led to, as `find` tells it."""
    row = {"operator": once.operator, "key": once.key, "request": once.request, "conversation_id": conversation_id}
    if tx.execute(_HOLD[tx.dialect.name], {**row, "answer": {}, "at": now}).rowcount:
        return None
    return find(tx, once)


def keep(tx: Connection, once: Once, answer: dict[str, Any]) -> None:
    tx.execute(table.update().where(*_this(once)).values(answer=answer))


def _this(once: Once) -> tuple[Any, ...]:
    return table.c.operator == once.operator, table.c.key == once.key
