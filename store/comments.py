"""Comments of contacts, and whether they had their private reply: the message of ours that refers to them."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.conversation import ConversationId
from conversation.errors import NotFound
from conversation.message import Direction, Message, MessageStatus
from conversation.said import say
from store import messages
from store.tables import messages as table

#: What has not reached the customer, and never will.
_NEVER_SAID = (MessageStatus.FAILED, MessageStatus.WITHDRAWN, MessageStatus.EXPIRED)


def get(tx: Connection, conversation_id: ConversationId, message_id: int) -> Message:
    this = sa.and_(table.c.id == message_id, table.c.conversation_id == conversation_id)
    row = tx.execute(sa.select(table).where(this)).first()
    if row is None:
        raise NotFound(say("There is no message {message} in this conversation.", message=message_id))
    return messages.from_row(row)


def answered(tx: Connection, conversation_id: ConversationId, comment_ids: Collection[str | None]) -> set[str]:
    """Those of these comments, by the provider's ids, that had their private reply, or may have had it."""
    if not comment_ids:
        return set()
    query = sa.select(table.c.reply_to).where(
        table.c.conversation_id == conversation_id,
        table.c.direction == Direction.OUTBOUND.value,
        table.c.reply_to.in_(list(comment_ids)),
        table.c.status.not_in([each.value for each in _NEVER_SAID]),
    )
    return set(tx.execute(query).scalars())


def answer_with(tx: Connection, message_id: int, comment: Message) -> None:
    """This message of ours is the comment's private reply."""
    tx.execute(table.update().where(table.c.id == message_id).values(reply_to=comment.provider_id))
