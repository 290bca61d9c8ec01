"""What became of requests of which nobody knows: what the channel tells of them, and what it is silent about."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.account import AccountId
from conversation.message import MessageStatus
from store import messages
from store.leases import Holder
from store.outbox import LIVE, Lane, OutboxState, Row, from_row
from store.tables import accounts as accounts_table
from store.tables import outbox


def witness(tx: Connection, row_id: int, account_id: AccountId, now: datetime) -> int | None:
    """A report on this account names this row: it was carried out. Its message; None if it is not ours.

    Also where it waits to be sent once more: the report came late, and there is nothing left to send.
    """
    this = sa.and_(outbox.c.id == row_id, outbox.c.account_id == account_id)
    waits_again = sa.and_(outbox.c.state == OutboxState.QUEUED.value, outbox.c.resent)
    # This first: it waits for whoever is just settling the row, so that the next statement sees what came of that.
    tx.execute(outbox.update().where(this, outbox.c.reported_at.is_(None)).values(reported_at=now))
    tx.execute(
        outbox.update()
        .where(this, sa.or_(outbox.c.state == OutboxState.UNKNOWN.value, waits_again))
        .values(state=OutboxState.SENT.value, settled_at=now)
    )
    return tx.execute(sa.select(outbox.c.message_id).where(this)).scalar()


def note_reported(tx: Connection, message_id: int, now: datetime) -> None:
    """The channel has told us of this message: its request was made."""
    named = sa.and_(outbox.c.message_id == message_id, outbox.c.reported_at.is_(None))
    tx.execute(outbox.update().where(named).values(reported_at=now))


def left_behind(tx: Connection, claimer: Holder, overdue_before: datetime) -> list[Row]:
    """Claims whose holder is gone: one of the claimer's house that ended before it began, or one whose deadline and the
    longest a request takes are over."""
    of_our_house = sa.and_(
        outbox.c.claimed_by.like(claimer.house_pattern, escape="\\"), outbox.c.claimed_by != str(claimer)
    )
    query = sa.select(outbox).where(
        outbox.c.state == OutboxState.CLAIMED.value, sa.or_(of_our_house, outbox.c.claim_deadline < overdue_before)
    )
    return [from_row(row) for row in tx.execute(query.order_by(outbox.c.id).limit(200))]


def unwitnessed(tx: Connection, unknown_since: datetime, now: datetime) -> list[Row]:
    """Messages of unknown fate that were, by all we can know, not carried out: Meta has reported on a request of the
    same account that was claimed later, and is silent about this one.

    Silence counts from when the row became unknown: while its sender was gone there may have been nobody to listen.
    """
    later = outbox.alias("later")
    seen_later = (
        sa.select(later.c.id)
        .where(
            later.c.account_id == outbox.c.account_id,
            later.c.reported_at.is_not(None),
            later.c.claimed_at > outbox.c.claimed_at,
        )
        .exists()
    )
    query = (
        sa.select(outbox)
        .join(accounts_table, accounts_table.c.id == outbox.c.account_id)
        .where(
            LIVE,
            outbox.c.state == OutboxState.UNKNOWN.value,
            outbox.c.lane == Lane.MESSAGE.value,
            outbox.c.reported_at.is_(None),
            sa.not_(outbox.c.resent),
            outbox.c.settled_at < unknown_since,
            sa.or_(outbox.c.expires_at.is_(None), outbox.c.expires_at > now),
            accounts_table.c.resend_unknown,
            seen_later,
        )
    )
    return [from_row(row) for row in tx.execute(query.order_by(outbox.c.id + 0).limit(200))]


def send_once_more(tx: Connection, row: Row, now: datetime) -> bool:
    """Queues it again, unless a report has come meanwhile. Whether it may still leave is asked at its claim."""
    result = tx.execute(
        outbox.update()
        .where(
            outbox.c.id == row.id,
            outbox.c.state == OutboxState.UNKNOWN.value,
            outbox.c.reported_at.is_(None),
            sa.not_(outbox.c.resent),
        )
        .values(state=OutboxState.QUEUED.value, resent=True, not_before=None, settled_at=now)
    )
    if result.rowcount and row.message_id is not None:
        messages.set_status(tx, row.message_id, MessageStatus.QUEUED)
    return bool(result.rowcount)


def send_again(tx: Connection, row: Row, error: str | None, now: datetime, not_before: datetime | None) -> bool:
    """Queues what Meta took at the first try and then could not deliver. False: it has been tried again before."""
    first_try = sa.and_(outbox.c.id == row.id, outbox.c.attempts == 1, sa.not_(outbox.c.resent))
    result = tx.execute(
        outbox.update()
        .where(first_try, outbox.c.state == OutboxState.SENT.value)
        .values(state=OutboxState.QUEUED.value, not_before=not_before, error=error, settled_at=now)
    )
    if result.rowcount and row.message_id is not None:
        messages.queue_again(tx, row.message_id, error)
    return bool(result.rowcount)
