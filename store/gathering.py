"""Mail that waits for what may follow it, and mails that become one turn: see `conversation.bursts`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.conversation import ConversationId
from conversation.mail import Mail, MailState
from store import mailbox as mails
from store.prepared import Prepared
from store.tables import accounts, conversations, mailbox, messages

#: More than anybody writes in one breath; the rest is the next turn.
_MOST = 40
_AFTER = mails.WITH_ITS_MESSAGE.where(mailbox.c.id > sa.bindparam("first")).limit(_MOST)
_GATHERING = sa.and_(mailbox.c.state == MailState.NEW.value, mails.UNTRIED, mailbox.c.not_before.is_not(None))
_END = Prepared(
    mailbox.update()
    .where(mailbox.c.conversation_id == sa.bindparam("conversation"), _GATHERING)
    .values(not_before=sa.null())
)


def following(tx: Connection, first: Mail) -> list[Mail]:
    """What waits after this one in its conversation, in order."""
    rows = tx.execute(_AFTER, {"conversation": first.conversation_id, "first": first.id})
    return [mails.from_row(row) for row in rows]


def wait(tx: Connection, first: Mail, until: datetime) -> None:
    """More may follow it until then. What has become of it meanwhile is not undone."""
    tx.execute(mailbox.update().where(mails.held_at(first), mails.UNTRIED).values(not_before=until))


def end(tx: Connection, conversation_id: str) -> None:
    """Nothing is waited for any more in this conversation: what there is comes to its turn now."""
    _END.changed(tx, conversation=conversation_id)


def end_of_account(tx: Connection, account_id: str) -> None:
    _end_all(tx, conversations.c.account_id == account_id)


def end_of_agent(tx: Connection, agent_id: str) -> None:
    its = sa.select(accounts.c.id).where(accounts.c.agent_id == agent_id)
    _end_all(tx, conversations.c.account_id.in_(its))


def _end_all(tx: Connection, whose: Any) -> None:
    theirs = sa.select(conversations.c.id).where(whose)
    tx.execute(mailbox.update().where(_GATHERING, mailbox.c.conversation_id.in_(theirs)).values(not_before=None))


def finish_with(tx: Connection, joined: Sequence[Mail], first: Mail, now: datetime) -> bool:
    """Those that were answered in another's turn are done. Whether each was still ours."""
    done = {"state": MailState.DONE.value, "done_at": now, "under_way": False, "error": None}
    return all(
        tx.execute(mailbox.update().where(mails.held_at(each)).values(**done, answered_with=first.id)).rowcount
        for each in joined
    )


def answered_as(tx: Connection, message_id: int) -> tuple[ConversationId, str] | None:
    """Where this message's words stand in the history under another's id: the conversation, and that id."""
    first = mailbox.alias("first")
    query = (
        sa.select(first.c.conversation_id, messages.c.provider_id)
        .join(first, first.c.id == mailbox.c.answered_with)
        .join(messages, messages.c.id == first.c.message_id)
        .where(mailbox.c.message_id == message_id)
    )
    row = tx.execute(query).first()
    return (ConversationId(row.conversation_id), row.provider_id) if row else None


def together(tx: Connection, message_ids: Sequence[int]) -> dict[int, int]:
    """Of these messages, those that were answered in another's turn: with that one's id."""
    if not message_ids:
        return {}
    first = mailbox.alias("first")
    query = (
        sa.select(mailbox.c.message_id, first.c.message_id.label("first"))
        .join(first, first.c.id == mailbox.c.answered_with)
        .where(mailbox.c.message_id.in_(message_ids), mailbox.c.answered_with.is_not(None))
    )
    return {row.message_id: row.first for row in tx.execute(query)}
