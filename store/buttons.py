"""Buttons we sent: a random id each, by which alone a customer can choose what it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.conversation import ConversationId
from store.tables import buttons


@dataclass(frozen=True, kw_only=True)
class Button:
    token: str
    title: str
    payload: str


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
