"""What may be deleted because it is old: found by reading, then deleted a few rows at a time.

What is still needed stays however old it is: mail that waits, sends that are not settled, the last message of a
conversation, the newest notices (whoever follows them goes on from there), the session that the assistant is in. The
hashes that tell a repeated webhook from a new one are never deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.mail import MailState
from conversation.webhook import WebhookState
from store import deletion_requests, media, retained_messages
from store.media import FileState
from store.outbox import OPEN_STATES
from store.tables import (
    alerts,
    feed_tickets,
    handovers,
    idempotency_keys,
    llm_calls,
    mailbox,
    messages,
    notices,
    operator_tokens,
    outbox,
    requests,
    tracker_events,
    trackers,
    webhook_events,
    webhooks,
)
from store.tables import media as files

#: One transaction deletes at most so many rows.
AT_ONCE = 200
#: However old they are.
NEWEST_NOTICES = 1000


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """One table's part of a kind. `due`: which rows are too old, given the time that they must be from.

    `by`: what they are found in the order of, where that is not their key. `remove`: deletes these keys, those that are
    still due.
    """

    table: Any
    key: Any
    due: Callable[[datetime], Any]
    by: Any = None
    remove: Callable[[Connection, Sequence[Any], datetime], int] | None = None

    def find(self, tx: Connection, before: datetime, after: Any) -> list[Any]:
        """The next keys after this one."""
        query = sa.select(self.key).where(self.due(before)).limit(AT_ONCE)
        if self.by is not None:
            return list(tx.execute(query.order_by(self.by)).scalars())
        if after is not None:
            query = query.where(self.key > after)
        return list(tx.execute(query.order_by(self.key)).scalars())

    def delete(self, tx: Connection, keys: Sequence[Any], before: datetime, now: datetime) -> int:
        """How many there were."""
        still = sa.and_(self.key.in_(list(keys)), self.due(before))
        if self.remove is None:
            return int(tx.execute(self.table.delete().where(still)).rowcount)
        return self.remove(tx, list(tx.execute(sa.select(self.key).where(still).order_by(self.key)).scalars()), now)


def _of_deletions(done: bool) -> Callable[[datetime], Any]:
    kinds = [deletion_requests.DELETION, deletion_requests.DEAUTHORIZATION]
    theirs = webhook_events.c.kind.in_(kinds)
    carried_out = sa.or_(
        webhook_events.c.kind == deletion_requests.DEAUTHORIZATION,
        webhook_events.c.body["done_at"].as_string().is_not(None),
    )
    which = sa.and_(theirs, carried_out) if done else ~theirs
    return lambda before: sa.and_(webhook_events.c.at < before, which)


def _old_notices(before: datetime) -> Any:
    newest = sa.select(sa.func.max(notices.c.id)).scalar_subquery()
    return sa.and_(notices.c.at < before, notices.c.id <= newest - NEWEST_NOTICES)


def _old_files(before: datetime) -> Any:
    waits = sa.exists().where(sa.and_(outbox.c.message_id == files.c.message_id, outbox.c.state.in_(OPEN_STATES)))
    there = files.c.state.in_([FileState.STORED.value, FileState.FAILED.value])
    return sa.and_(files.c.created_at < before, there, files.c.kind != media.PICTURE, ~waits)


def _remains_of_files(before: datetime) -> Any:
    """Files that were erased, of messages that are gone: nobody asks for these any more."""
    of_nothing = sa.and_(files.c.message_id.is_(None), files.c.contact_id.is_(None))
    return sa.and_(files.c.state == FileState.REMOVED.value, of_nothing)


def _old_handovers(before: datetime) -> Any:
    later = handovers.alias()
    follows = sa.exists().where(
        sa.and_(later.c.conversation_id == handovers.c.conversation_id, later.c.id > handovers.c.id)
    )
    return sa.and_(handovers.c.at < before, follows)


def _old_history(before: datetime) -> Any:
    """Of sessions before the current one: Rasa reads no further back than where that began."""
    start = (
        sa.select(trackers.c.session_seq).where(trackers.c.sender_id == tracker_events.c.sender_id).scalar_subquery()
    )
    return sa.and_(tracker_events.c.timestamp < before.timestamp(), tracker_events.c.seq < start)


def _forget_sessions(tx: Connection, sender_ids: Sequence[str], before: datetime) -> int:
    """The oldest events of these senders, as many as one transaction may."""
    if not sender_ids:
        return 0
    this = tracker_events.c.sender_id == sender_ids[0]
    seqs = tx.execute(
        sa.select(tracker_events.c.seq).where(this, _old_history(before)).order_by(tracker_events.c.seq).limit(AT_ONCE)
    ).scalars()
    return int(tx.execute(tracker_events.delete().where(this, tracker_events.c.seq.in_(list(seqs)))).rowcount)


class _History(Sweep):
    """Keys are senders, each found again until it has no more."""

    def find(self, tx: Connection, before: datetime, after: Any) -> list[Any]:
        query = sa.select(tracker_events.c.sender_id).where(_old_history(before))
        if after is not None:
            query = query.where(tracker_events.c.sender_id >= after)
        return list(tx.execute(query.order_by(tracker_events.c.sender_id).limit(1)).scalars())

    def delete(self, tx: Connection, keys: Sequence[Any], before: datetime, now: datetime) -> int:
        return _forget_sessions(tx, keys, before)


#: By kind; what has to go first comes first.
SWEEPS: dict[str, tuple[Sweep, ...]] = {
    "webhooks": (
        Sweep(
            table=webhooks,
            key=webhooks.c.id,
            by=webhooks.c.received_at,
            due=lambda before: sa.and_(
                webhooks.c.received_at < before, webhooks.c.state != WebhookState.RECEIVED.value
            ),
        ),
    ),
    "unplaced": (Sweep(table=webhook_events, key=webhook_events.c.id, due=_of_deletions(False)),),
    "deletion_requests": (Sweep(table=webhook_events, key=webhook_events.c.id, due=_of_deletions(True)),),
    "notices": (Sweep(table=notices, key=notices.c.id, by=notices.c.at, due=_old_notices),),
    "alerts": (Sweep(table=alerts, key=alerts.c.id, due=lambda before: alerts.c.ended_at < before),),
    "mailbox": (
        Sweep(
            table=mailbox,
            key=mailbox.c.id,
            due=lambda before: sa.and_(mailbox.c.done_at < before, mailbox.c.state == MailState.DONE.value),
        ),
    ),
    "outbox": (
        Sweep(
            table=outbox,
            key=outbox.c.id,
            due=lambda before: sa.and_(
                sa.func.coalesce(outbox.c.settled_at, outbox.c.created_at) < before, outbox.c.state.not_in(OPEN_STATES)
            ),
        ),
    ),
    "messages": (
        Sweep(table=messages, key=messages.c.id, due=retained_messages.old, remove=retained_messages.delete),
        Sweep(table=files, key=files.c.id, due=_remains_of_files),
    ),
    "history": (_History(table=tracker_events, key=tracker_events.c.sender_id, due=_old_history),),
    "media": (Sweep(table=files, key=files.c.id, due=_old_files, remove=media.remove_all),),
    "handovers": (
        Sweep(table=requests, key=requests.c.id, due=lambda before: requests.c.ended_at < before),
        Sweep(table=handovers, key=handovers.c.id, due=_old_handovers),
    ),
    "idempotency": (
        Sweep(
            table=idempotency_keys,
            key=idempotency_keys.c.key,
            by=idempotency_keys.c.at,
            due=lambda before: idempotency_keys.c.at < before,
        ),
    ),
    "llm_calls": (Sweep(table=llm_calls, key=llm_calls.c.id, due=lambda before: llm_calls.c.at < before),),
    "sessions": (
        Sweep(table=feed_tickets, key=feed_tickets.c.hash, due=lambda before: feed_tickets.c.expires_at < before),
        Sweep(
            table=operator_tokens, key=operator_tokens.c.id, due=lambda before: operator_tokens.c.expires_at < before
        ),
    ),
}
