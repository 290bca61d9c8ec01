"""Messages that were written anew or taken back by who wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.account import AccountId
from conversation.conversation import ConversationId
from store.tables import conversations, messages

#: So many earlier wordings are kept of one message. Meta allows five edits.
_KEPT = 10


@dataclass(frozen=True, kw_only=True)
class Found:
    id: int
    conversation_id: ConversationId
    text: str | None
    content: dict[str, Any]
    reply_to: str | None
    removed: bool


def find(tx: Connection, account_id: AccountId, provider_id: str) -> Found | None:
    """A message of this account's conversations, whoever wrote it, its row locked."""
    row = tx.execute(
        sa.select(messages)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(messages.c.provider_id == provider_id, conversations.c.account_id == account_id)
        .order_by(messages.c.id)
        .limit(1)
        .with_for_update(of=messages)
    ).first()
    if row is None:
        return None
    return Found(
        id=row.id,
        conversation_id=ConversationId(row.conversation_id),
        text=row.text,
        content=row.content,
        reply_to=row.reply_to,
        removed=row.removed_at is not None,
    )


def edit(tx: Connection, found: Found, text: str | None, number: int, at: datetime) -> bool:
    """Whether it reads otherwise now: an edit that was overtaken by a later one, or by a removal, changes nothing."""
    if found.removed or number <= found.content.get("edit", 0):
        return False
    before = [*found.content.get("edits", []), {"text": found.text, "until": at.isoformat()}][-_KEPT:]
    content = {**found.content, "edit": number, "edits": before}
    tx.execute(messages.update().where(messages.c.id == found.id).values(text=text, content=content, edited_at=at))
    return True


def remove(tx: Connection, message_id: int, at: datetime) -> None:
    tx.execute(messages.update().where(messages.c.id == message_id).values(text=None, content={}, removed_at=at))
