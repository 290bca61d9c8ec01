"""The mailbox: what each conversation's actor has still to decide about, durable, in order of arrival."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from conversation.conversation import ConversationId
from conversation.mail import Mail, MailId, MailKind, MailState
from store import leases
from store.leases import Holder
from store.prepared import Prepared
from store.tables import conversations, dedup_keys, mailbox, messages
from store.tables import leases as leases_table

#: The key, unless it is there.
_ADD_KEY = Prepared(
    {
        "sqlite": sqlite.insert(dedup_keys).on_conflict_do_nothing(),
        "postgresql": postgresql.insert(dedup_keys).on_conflict_do_nothing(),
    },
    "key",
    "at",
)
_KEY = Prepared(sa.select(dedup_keys.c.at).where(dedup_keys.c.key == sa.bindparam("key")))
_APPEND = Prepared(
    mailbox.insert().values(state=MailState.NEW.value, seen_by_person=False, attempts=0),
    "conversation_id",
    "kind",
    "message_id",
    "payload",
    "arrived_at",
    new_id=mailbox.c.id,
)
_WAITING = mailbox.c.state == MailState.NEW.value
_PARKED = mailbox.c.state == MailState.PARKED.value
#: No turn was begun on it: it waits for what may follow it, if for anything.
UNTRIED = sa.and_(mailbox.c.begins == 0, mailbox.c.attempts == 0)


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
        begins=row.begins,
        crashes=row.crashes,
        recorded=row.recorded,
        arrived_at=row.arrived_at,
        sent_at=row.sent_at,
        removed=row.removed_at is not None,
        under_way=row.under_way,
    )


def first_time(tx: Connection, key: str, now: datetime) -> bool:
    """Whether this key was never seen before; seen from now on. A race's loser waits here for the winner's commit."""
    digest = hashlib.blake2b(key.encode(), digest_size=16).digest()
    return bool(_ADD_KEY.changed(tx, key=digest, at=now))


def seen(tx: Connection, key: str) -> bool:
    """Whether `first_time` was asked of this key before."""
    return _KEY.first(tx, key=hashlib.blake2b(key.encode(), digest_size=16).digest()) is not None


def append(
    tx: Connection,
    conversation_id: ConversationId,
    kind: MailKind,
    *,
    now: datetime,
    message_id: int | None = None,
    payload: dict[str, Any] | None = None,
) -> MailId:
    added = _APPEND.added(
        tx,
        conversation_id=conversation_id,
        kind=kind.value,
        message_id=message_id,
        payload=payload or {},
        arrived_at=now,
    )
    return MailId(added)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A conversation whose lowest mail may be taken. `suspect`: a process ended while it was trying that mail."""

    conversation_id: ConversationId
    suspect: bool


def conversations_waiting(
    tx: Connection, now: datetime, holder: Holder, but_not: Iterable[str] = (), limit: int = 500
) -> list[Waiting]:
    """Those whose lowest mail may be taken now by this holder, the one that waited longest first."""
    busy = set(but_not)
    rows = tx.execute(
        _WAITING_CONVERSATIONS, {"now": now, "most": limit, "holder": str(holder), "house": holder.house_pattern}
    )
    return [
        Waiting(conversation_id=ConversationId(row.conversation_id), suspect=row.under_way)
        for row in rows
        if row.conversation_id not in busy
    ]


def _waiting_conversations() -> Any:
    now = sa.bindparam("now", type_=mailbox.c.not_before.type)
    first = (
        sa.select(sa.func.min(mailbox.c.id).label("id")).where(_WAITING).group_by(mailbox.c.conversation_id).subquery()
    )
    return (
        sa.select(mailbox.c.conversation_id, mailbox.c.under_way)
        .join(first, first.c.id == mailbox.c.id)
        .outerjoin(leases_table, leases_table.c.name == mailbox.c.conversation_id)
        .where(
            sa.or_(mailbox.c.not_before.is_(None), mailbox.c.not_before <= now),
            sa.or_(leases_table.c.name.is_(None), leases.free_for_binds()),
        )
        .order_by(mailbox.c.id)
        .limit(sa.bindparam("most"))
    )


_WAITING_CONVERSATIONS = _waiting_conversations()
#: Mail that waits, each with its message.
WITH_ITS_MESSAGE = (
    sa.select(
        mailbox,
        messages.c.provider_id,
        messages.c.kind.label("message_kind"),
        messages.c.text,
        messages.c.at.label("sent_at"),
        messages.c.removed_at,
    )
    .outerjoin(messages, messages.c.id == mailbox.c.message_id)
    .where(mailbox.c.conversation_id == sa.bindparam("conversation"), _WAITING)
    .order_by(mailbox.c.id)
)
_LOWEST = WITH_ITS_MESSAGE.limit(1)


def lowest_waiting(tx: Connection, conversation_id: str, now: datetime) -> Mail | None:
    """The mail whose turn it is: the lowest not done, unless it is waiting to be tried again."""
    row = tx.execute(_LOWEST, {"conversation": conversation_id}).first()
    if row is None or (row.not_before is not None and row.not_before > now):
        return None
    return from_row(row)


def held_at(mail: Mail) -> Any:
    """The mail, if no turn was begun on it after this one."""
    return sa.and_(mailbox.c.id == mail.id, _WAITING, mailbox.c.begins == mail.begins)


def begin(tx: Connection, mail: Mail) -> Mail | None:
    """A turn begins on it: from now on only this turn may finish it. None: it is not as it was read.

    A turn that was begun before and has left no trace of its end was cut off with its process.
    """
    crashed: Any = sa.case((mailbox.c.under_way, 1), else_=0)
    begun = tx.execute(
        mailbox.update()
        .where(held_at(mail))
        .values(begins=mail.begins + 1, under_way=True, crashes=mailbox.c.crashes + crashed)
    )
    if not begun.rowcount:
        return None
    crashes = tx.execute(sa.select(mailbox.c.crashes).where(mailbox.c.id == mail.id)).scalar_one()
    return dataclasses.replace(mail, begins=mail.begins + 1, crashes=crashes)


def finish(tx: Connection, mail: Mail, state: MailState, now: datetime, *, recorded: bool = False) -> bool:
    """Whether it was still ours, and so is finished now."""
    result = tx.execute(
        mailbox.update()
        .where(held_at(mail))
        .values(state=state.value, done_at=now, under_way=False, recorded=recorded, error=None)
    )
    return bool(result.rowcount)


def put_back(tx: Connection, mail: Mail) -> None:
    """Its turn ended without an effect, and through no fault of its own."""
    tx.execute(mailbox.update().where(held_at(mail)).values(under_way=False))


def try_again(tx: Connection, mail: Mail, *, not_before: datetime, error: str) -> None:
    """Its turn failed; the next begins at `not_before` at the earliest."""
    tx.execute(
        mailbox.update()
        .where(held_at(mail))
        .values(attempts=mail.attempts + 1, under_way=False, not_before=not_before, error=error[:500])
    )


def note_error(tx: Connection, mail: Mail, error: str) -> None:
    tx.execute(mailbox.update().where(mailbox.c.id == mail.id).values(error=error[:500]))


def mark_seen_by_person(tx: Connection, conversation_id: ConversationId) -> None:
    """All that waits arrived while, or before, a person had it: to be recorded, not answered."""
    tx.execute(
        mailbox.update()
        .where(mailbox.c.conversation_id == conversation_id, _WAITING)
        .values(seen_by_person=True, not_before=sa.case((UNTRIED, sa.null()), else_=mailbox.c.not_before))
    )


@dataclass(frozen=True, kw_only=True)
class Parked:
    """A mail that was tried enough: recorded, shown, and waiting for a person to say what becomes of it."""

    id: MailId
    conversation_id: ConversationId
    kind: MailKind
    text: str | None
    error: str | None
    attempts: int
    crashes: int
    arrived_at: datetime
    parked_at: datetime


def parked(
    tx: Connection,
    limit: int = 500,
    *,
    account_ids: Collection[str] | None = None,
    conversation_id: str | None = None,
    mail_id: int | None = None,
) -> list[Parked]:
    """What is parked, the oldest first. `account_ids`: only of these accounts; None: of all."""
    query = (
        sa.select(mailbox, messages.c.text)
        .outerjoin(messages, messages.c.id == mailbox.c.message_id)
        .where(_PARKED)
        .order_by(mailbox.c.id)
        .limit(limit)
    )
    if account_ids is not None:
        theirs = sa.select(conversations.c.id).where(conversations.c.account_id.in_(list(account_ids)))
        query = query.where(mailbox.c.conversation_id.in_(theirs))
    if conversation_id is not None:
        query = query.where(mailbox.c.conversation_id == conversation_id)
    if mail_id is not None:
        query = query.where(mailbox.c.id == mail_id)
    return [
        Parked(
            id=MailId(row.id),
            conversation_id=ConversationId(row.conversation_id),
            kind=MailKind(row.kind),
            text=row.text,
            error=row.error,
            attempts=row.attempts,
            crashes=row.crashes,
            arrived_at=row.arrived_at,
            parked_at=row.done_at,
        )
        for row in tx.execute(query)
    ]


def count_parked(tx: Connection) -> int:
    return tx.execute(sa.select(sa.func.count()).select_from(mailbox).where(_PARKED)).scalar_one()


def retry(tx: Connection, mail_id: int) -> bool:
    """Takes it out of the park, with all its tries before it. False: there is no such mail in the park.

    Whoever asks for this wants it answered, so that a person has seen it does not count; who may speak still does.
    """
    result = tx.execute(
        mailbox.update()
        .where(mailbox.c.id == mail_id, _PARKED)
        .values(
            state=MailState.NEW.value,
            seen_by_person=False,
            attempts=0,
            crashes=0,
            begins=mailbox.c.begins + 1,
            under_way=False,
            not_before=None,
            done_at=None,
        )
    )
    return bool(result.rowcount)


def still_waiting(tx: Connection) -> int:
    return tx.execute(sa.select(sa.func.count()).select_from(mailbox).where(_WAITING)).scalar_one()
