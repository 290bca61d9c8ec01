"""Whether what we said last was a list to choose from by number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.conversation import ConversationId
from conversation.message import Direction, MessageStatus
from store.prepared import Prepared
from store.tables import messages

#: So far back is looked, however long a conversation is: it is asked of every text that comes in.
_BACK = 20
#: What never reached the customer offers nothing.
_UNSEEN = (MessageStatus.WITHDRAWN.value, MessageStatus.FAILED.value, MessageStatus.EXPIRED.value)
_LAST = Prepared(
    sa.select(messages.c.id, messages.c.direction, messages.c.status, messages.c.at, messages.c.content)
    .where(messages.c.conversation_id == sa.bindparam("conversation"))
    .order_by(messages.c.id.desc())
    .limit(_BACK)
)


@dataclass(frozen=True, kw_only=True)
class Offered:
    """A list that can still be chosen from: when it was written, and its titles in their order."""

    at: datetime
    titles: tuple[str, ...]


def newest(tx: Connection, conversation_id: ConversationId) -> Offered | None:
    """What is said at one moment belongs together; of two lists in it, the last."""
    last: object = None
    for message_id, direction, status, when, content in _LAST.all(tx, conversation=conversation_id):
        if direction != Direction.OUTBOUND.value or status in _UNSEEN:
            continue
        last = when if last is None else last
        if when != last:
            return None
        if "numbered" in content:  # as the driver has it: a text on one database, an object on the other
            row = tx.execute(sa.select(messages.c.at, messages.c.content).where(messages.c.id == message_id)).one()
            return Offered(at=row.at, titles=tuple(row.content.get("numbered", ())))
    return None
