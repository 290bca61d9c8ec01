"""Buttons we sent: a random id each, by which alone a customer can choose what it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.conversation import ConversationId
from store.prepared import Prepared
from store.tables import buttons

_ANY_NUMBERED = Prepared(
    sa.select(buttons.c.number)
    .where(buttons.c.conversation_id == sa.bindparam("conversation"), buttons.c.number.isnot(None))
    .limit(1)
)


@dataclass(frozen=True, kw_only=True)
class Button:
    """`number`: of one that went as a line of text, by which it is chosen."""

    token: str
    title: str
    payload: str
    number: int | None = None


def add(tx: Connection, conversation_id: ConversationId, made: list[Button], now: datetime) -> None:
    if made:
        tx.execute(
            buttons.insert(),
            [
                {
                    "token": b.token,
                    "conversation_id": conversation_id,
                    "title": b.title,
                    "payload": b.payload,
                    "number": b.number,
                    "at": now,
                }
                for b in made
            ],
        )


def find(tx: Connection, conversation_id: ConversationId, token: str) -> Button | None:
    """Only in the conversation it was sent to: an id learnt elsewhere is worth nothing."""
    row = tx.execute(
        sa.select(buttons).where(buttons.c.token == token, buttons.c.conversation_id == conversation_id)
    ).first()
    return Button(token=row.token, title=row.title, payload=row.payload) if row else None


def any_numbered(tx: Connection, conversation_id: ConversationId) -> bool:
    """Whether there ever was a list of numbered lines: asked of every text that comes in."""
    return _ANY_NUMBERED.first(tx, conversation=conversation_id) is not None


def numbered(tx: Connection, conversation_id: ConversationId, at: datetime) -> list[Button]:
    """What stands in the lists that were written then, by its numbers."""
    query = sa.select(buttons).where(
        buttons.c.conversation_id == conversation_id, buttons.c.at == at, buttons.c.number.isnot(None)
    )
    return [
        Button(token=row.token, title=row.title, payload=row.payload, number=row.number)
        for row in tx.execute(query.order_by(buttons.c.number, buttons.c.token))
    ]
