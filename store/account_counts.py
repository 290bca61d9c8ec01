"""How much there is of an account: its conversations, what was said in them, what nobody has read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.conversation import Status
from store.tables import conversations, messages

_ENDED = (Status.RESOLVED.value, Status.CLOSED.value)


@dataclass(frozen=True, kw_only=True)
class AccountCounts:
    """`active`: conversations that are neither resolved nor closed. `unread`: messages."""

    conversations: int
    active: int
    messages: int
    unread: int
    last_message_at: datetime | None


def of(tx: Connection, account_id: str) -> AccountCounts:
    ours = conversations.c.account_id == account_id
    active: sa.sql.ColumnElement = sa.case((conversations.c.status.notin_(_ENDED), 1), else_=0)
    unread = sa.func.coalesce(sa.func.sum(conversations.c.unread), 0)
    talks = tx.execute(sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(active), 0), unread).where(ours)).one()
    said = tx.execute(
        sa.select(sa.func.count(), sa.func.max(messages.c.at))
        .select_from(messages.join(conversations, conversations.c.id == messages.c.conversation_id))
        .where(ours)
    ).one()
    return AccountCounts(
        conversations=talks[0], active=int(talks[1]), messages=said[0], unread=int(talks[2]), last_message_at=said[1]
    )
