"""Echoes that wait until it is known whose they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.account import AccountId
from conversation.conversation import ConversationId
from store.tables import held_echoes, outbox


@dataclass(frozen=True, kw_only=True)
class Held:
    id: int
    account_id: AccountId
    echo: dict[str, Any]


def add(
    tx: Connection, account_id: AccountId, conversation_id: ConversationId, echo: dict[str, Any], now: datetime
) -> None:
    tx.execute(held_echoes.insert().values(account_id=account_id, conversation_id=conversation_id, echo=echo, at=now))


def of(tx: Connection, conversation_id: ConversationId) -> list[Held]:
    rows = tx.execute(
        sa.select(held_echoes).where(held_echoes.c.conversation_id == conversation_id).order_by(held_echoes.c.id)
    )
    return [Held(id=row.id, account_id=AccountId(row.account_id), echo=row.echo) for row in rows]


def is_held(tx: Connection, account_id: AccountId, provider_id: str) -> bool:
    """Few are held at any time, and for a moment."""
    held = tx.execute(sa.select(held_echoes.c.echo).where(held_echoes.c.account_id == account_id)).scalars()
    return any(echo["provider_id"] == provider_id for echo in held)


def conversations_with(tx: Connection, limit: int = 200) -> list[ConversationId]:
    """Where something is held, and the request it waited for is settled."""
    waits = sa.select(outbox.c.id).where(
        outbox.c.conversation_id == held_echoes.c.conversation_id,
        outbox.c.state == "claimed",
        outbox.c.message_id.is_not(None),
    )
    query = sa.select(held_echoes.c.conversation_id).where(sa.not_(waits.exists())).distinct()
    return [ConversationId(each) for each in tx.execute(query.limit(limit)).scalars()]


def remove(tx: Connection, held_id: int) -> bool:
    return bool(tx.execute(held_echoes.delete().where(held_echoes.c.id == held_id)).rowcount)


def request_is_under_way(tx: Connection, conversation_id: ConversationId) -> bool:
    """Whether a message to this contact is claimed and not settled."""
    query = sa.select(outbox.c.id).where(
        outbox.c.conversation_id == conversation_id, outbox.c.state == "claimed", outbox.c.message_id.is_not(None)
    )
    return tx.execute(query.limit(1)).first() is not None
