"""What the assistant still has to say in a conversation: mail that waits for it, and answers that have not left."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.mail import MailState
from conversation.message import Author
from store.outbox import Lane, OutboxState
from store.tables import mailbox, outbox


def anything(tx: Connection, conversation_id: str) -> bool:
    """Whoever asks has locked the conversation: nothing is added meanwhile."""
    waits = sa.select(mailbox.c.id).where(
        mailbox.c.conversation_id == conversation_id,
        mailbox.c.state == MailState.NEW.value,
        sa.not_(mailbox.c.seen_by_person),
    )
    said = sa.select(outbox.c.id).where(
        outbox.c.conversation_id == conversation_id,
        outbox.c.state == OutboxState.QUEUED.value,
        outbox.c.author == Author.BOT.value,
        outbox.c.lane == Lane.MESSAGE.value,
    )
    return any(tx.execute(query.limit(1)).first() is not None for query in (waits, said))
