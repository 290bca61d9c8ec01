"""Notices: what operators are told, written in the transaction it is true in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.conversation import ConversationId
from store.prepared import Prepared
from store.tables import notices

_ADD = Prepared(notices.insert(), "kind", "conversation_id", "facts", "at")


def add(
    tx: Connection, kind: str, conversation_id: ConversationId | None, facts: dict[str, Any], now: datetime
) -> None:
    _ADD.changed(tx, kind=kind, conversation_id=conversation_id, facts=facts, at=now)


def after(tx: Connection, notice_id: int, limit: int = 500) -> list[dict[str, Any]]:
    rows = tx.execute(sa.select(notices).where(notices.c.id > notice_id).order_by(notices.c.id).limit(limit))
    return [dict(row._mapping) for row in rows]
