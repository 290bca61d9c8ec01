"""What was said before we heard: messages that wake nobody, numbered so that they stand before all that is live."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Union

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.account import AccountId
from conversation.arrivals import Echo, Inbound
from conversation.conversation import ConversationId
from conversation.message import Author, Direction, MessageStatus
from store import doors
from store.tables import conversations, messages

Said = Union[Inbound, Echo]

#: Who our side is where nobody can say who of us wrote it.
INBOX = "inbox"
#: What a channel calls a file whose message it tells of before the file.
PLACEHOLDER = "media_placeholder"
#: Far below zero, a million numbers for each second since 1970: all are negative until the year 2255.
_LOWEST, _OF_A_SECOND = -9 * 10**15, 10**6


def add(tx: Connection, conversation_id: ConversationId, said: Said) -> int:
    """The row people read; no mail is made of it, nothing is unread, and no window opens."""
    ours = isinstance(said, Echo)
    message_id = _next_number(tx, said.sent_at)
    tx.execute(
        messages.insert(),
        dict(
            id=message_id,
            conversation_id=conversation_id,
            direction=(Direction.OUTBOUND if ours else Direction.INBOUND).value,
            author=(Author.OPERATOR if ours else Author.CONTACT).value,
            operator=INBOX if ours else None,
            kind=said.kind,
            text=said.text,
            content=said.content,
            provider_id=said.provider_id,
            reply_to=said.reply_to,
            status=(MessageStatus.SENT if ours else MessageStatus.RECEIVED).value,
            at=said.sent_at,
            sent_at=said.sent_at if ours else None,
        ),
    )
    return message_id


def fill(tx: Connection, account_id: AccountId, said: Said) -> int | None:
    """Puts a file's message in the place that was kept for it; None: there is no such place."""
    query = (
        sa.select(messages.c.id, messages.c.content)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(messages.c.provider_id == said.provider_id, conversations.c.account_id == account_id, messages.c.id < 0)
    )
    row = tx.execute(query).first()
    if row is None or row.content.get("type") != PLACEHOLDER:
        return None
    values = {"kind": said.kind, "text": said.text, "content": said.content}
    tx.execute(messages.update().where(messages.c.id == row.id).values(**values))
    return int(row.id)


def _next_number(tx: Connection, sent_at: datetime) -> int:
    """The next of its second; two who fetch at once take turns."""
    doors.hold(tx, "past")
    first = _LOWEST + max(int(sent_at.timestamp()), 0) * _OF_A_SECOND
    of_this_second = sa.and_(messages.c.id >= first, messages.c.id < first + _OF_A_SECOND)
    highest: int | None = tx.execute(sa.select(sa.func.max(messages.c.id)).where(of_this_second)).scalar()
    return first if highest is None else highest + 1


def known(tx: Connection, account_id: AccountId, provider_ids: Collection[str]) -> set[str]:
    """Those of these that are messages of this account."""
    query = (
        sa.select(messages.c.provider_id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(messages.c.provider_id.in_(list(provider_ids)), conversations.c.account_id == account_id)
    )
    return set(tx.execute(query).scalars())
