"""The mailbox: what each conversation's actor has still to decide about, durable, in order of arrival."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from conversation.conversation import ConversationId
from conversation.mail import Mail, MailId, MailKind, MailState
from store.tables import dedup_keys, mailbox, messages

#: The key, unless it is there.
_ADD_KEY: dict[str, Any] = {
    "sqlite": sqlite.insert(dedup_keys).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(dedup_keys).on_conflict_do_nothing(),
}
_WAITING = mailbox.c.state == MailState.NEW.value


def from_row(row: Any) -> Mail:
    return Mail(
        id=MailId(row.id),
        conversation_id=ConversationId(row.conversation_id),
        kind=MailKind(row.kind),
        message_id=row.message_id,
        provider_id=row.provider_id,
        message_kind=row.message_kind,
        text=row.text,
        payload=row.payload,
        seen_by_person=row.seen_by_person,
        attempts=row.attempts,
        arrived_at=row.arrived_at,
    )


def first_time(tx: Connection, key: str, now: datetime) -> bool:
    """Whether this key was never seen before; seen from now on. A race's loser waits here for the winner's commit."""
    digest = hashlib.blake2b(key.encode(), digest_size=16).digest()
    return bool(tx.execute(_ADD_KEY[tx.dialect.name], {"key": digest, "at": now}).rowcount)


def append(
    tx: Connection,
    conversation_id: ConversationId,
    kind: MailKind,
    *,
    now: datetime,
    message_id: int | None = None,
    payload: dict[str, Any] | None = None,
) -> MailId:
    result = tx.execute(
        mailbox.insert(),
        dict(
            conversation_id=conversation_id,
            kind=kind.value,
            message_id=message_id,
            payload=payload or {},
            state=MailState.NEW.value,
            seen_by_person=False,
            attempts=0,
            arrived_at=now,
        ),
    )
    return MailId(int(result.inserted_primary_key[0]))


def conversations_waiting(
    tx: Connection, now: datetime, but_not: Iterable[str] = (), limit: int = 500
) -> list[ConversationId]:
    """Conversations whose lowest mail may be taken now, the one that waited longest first."""
    busy = set(but_not)
    found = tx.execute(_WAITING_CONVERSATIONS, {"now": now, "most": limit}).scalars()
    return [ConversationId(c) for c in found if c not in busy]


def _waiting_conversations() -> Any:
    now = sa.bindparam("now", type_=mailbox.c.not_before.type)
    first = (
        sa.select(sa.func.min(mailbox.c.id).label("id")).where(_WAITING).group_by(mailbox.c.conversation_id).subquery()
    )
    return (
        sa.select(mailbox.c.conversation_id)
        .join(first, first.c.id == mailbox.c.id)
        .where(sa.or_(mailbox.c.not_before.is_(None), mailbox.c.not_before <= now))
        .order_by(mailbox.c.id)
        .limit(sa.bindparam("most"))
    )


_WAITING_CONVERSATIONS = _waiting_conversations()
_LOWEST = (
    sa.select(mailbox, messages.c.provider_id, messages.c.kind.label("message_kind"), messages.c.text)
    .outerjoin(messages, messages.c.id == mailbox.c.message_id)
    .where(mailbox.c.conversation_id == sa.bindparam("conversation"), _WAITING)
    .order_by(mailbox.c.id)
    .limit(1)
)


def lowest_waiting(tx: Connection, conversation_id: str, now: datetime) -> Mail | None:
    """The mail whose turn it is: the lowest not done, unless it is waiting to be tried again."""
    row = tx.execute(_LOWEST, {"conversation": conversation_id}).first()
    if row is None or (row.not_before is not None and row.not_before > now):
        return None
    return from_row(row)


def finish(tx: Connection, mail: Mail, state: MailState, now: datetime) -> bool:
    """Whether it was still ours at this attempt, and so is finished now."""
    result = tx.execute(
        mailbox.update()
        .where(mailbox.c.id == mail.id, _WAITING, mailbox.c.attempts == mail.attempts)
        .values(state=state.value, done_at=now)
    )
    return bool(result.rowcount)


def try_again(tx: Connection, mail: Mail, *, not_before: datetime, error: str) -> None:
    tx.execute(
        mailbox.update()
        .where(mailbox.c.id == mail.id, _WAITING, mailbox.c.attempts == mail.attempts)
        .values(attempts=mail.attempts + 1, not_before=not_before, error=error[:500])
    )


def mark_seen_by_person(tx: Connection, conversation_id: ConversationId) -> None:
    """All that waits arrived while, or before, a person had it: to be recorded, not answered."""
    tx.execute(
        mailbox.update().where(mailbox.c.conversation_id == conversation_id, _WAITING).values(seen_by_person=True)
    )


def still_waiting(tx: Connection) -> int:
    return tx.execute(sa.select(sa.func.count()).select_from(mailbox).where(_WAITING)).scalar_one()
