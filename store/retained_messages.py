"""Messages that are old enough to go, with what hangs on each of them; what is still needed of them stays right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.mail import MailState
from conversation.message import Direction
from store import conversations, media
from store.outbox import OPEN_STATES
from store.tables import buttons, mailbox, messages, outbox
from store.tables import conversations as conversations_table
from store.tables import media as files


def old(before: datetime) -> Any:
    """Not the last of its conversation, nor one that mail or a send still waits for."""
    later = messages.alias()
    mail = sa.exists().where(sa.and_(mailbox.c.message_id == messages.c.id, mailbox.c.state != MailState.DONE.value))
    send = sa.exists().where(sa.and_(outbox.c.message_id == messages.c.id, outbox.c.state.in_(OPEN_STATES)))
    follows = sa.exists().where(
        sa.and_(later.c.conversation_id == messages.c.conversation_id, later.c.id > messages.c.id)
    )
    return sa.and_(messages.c.at < before, follows, ~mail, ~send)


def delete(tx: Connection, ids: Sequence[int], now: datetime) -> int:
    """Their mail and their settled sends go with them; their files are erased by who fetches files."""
    whose = _conversations_of(tx, ids)
    for conversation_id in whose:
        conversations.lock(tx, conversation_id)
    media.remove_all_of(tx, files.c.message_id.in_(list(ids)), now)
    tx.execute(files.update().where(files.c.message_id.in_(list(ids))).values(message_id=None))
    tx.execute(mailbox.delete().where(mailbox.c.message_id.in_(list(ids))))
    tx.execute(outbox.delete().where(outbox.c.message_id.in_(list(ids))))
    count = int(tx.execute(messages.delete().where(messages.c.id.in_(list(ids)))).rowcount)
    for conversation_id in whose:
        _as_many_unread_as_there_are(tx, conversation_id)
        _forget_buttons(tx, conversation_id)
    return count


def _conversations_of(tx: Connection, ids: Sequence[int]) -> list[str]:
    query = sa.select(messages.c.conversation_id).where(messages.c.id.in_(list(ids))).distinct()
    return sorted(tx.execute(query).scalars())


def _as_many_unread_as_there_are(tx: Connection, conversation_id: str) -> None:
    theirs = sa.and_(messages.c.conversation_id == conversation_id, messages.c.direction == Direction.INBOUND.value)
    left = tx.execute(sa.select(sa.func.count()).select_from(messages).where(theirs)).scalar_one()
    this = sa.and_(conversations_table.c.id == conversation_id, conversations_table.c.unread > left)
    tx.execute(conversations_table.update().where(this).values(unread=left))


def _forget_buttons(tx: Connection, conversation_id: str) -> None:
    """Those of messages that are gone: from before the first that is left."""
    first = tx.execute(
        sa.select(sa.func.min(messages.c.at)).where(messages.c.conversation_id == conversation_id)
    ).scalar()
    if first is not None:
        tx.execute(buttons.delete().where(buttons.c.conversation_id == conversation_id, buttons.c.at < first))
