"""Contacts who want nothing that they did not ask for, and since when."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation import opt_outs
from conversation.contact import ContactId
from conversation.message import Direction, MessageStatus
from conversation.opt_outs import By, Wish
from store import notices
from store.tables import contacts, conversations, messages


def out(tx: Connection, contact_id: ContactId, by: By, at: datetime, now: datetime) -> bool:
    """Whether it is news. What was said first stands, unless what says so now asks for more; told late, it does not
    undo what they wrote since."""
    since, before = _hold(tx, contact_id)
    if since is None and _wrote_since_that_they_are_back(tx, contact_id, at):
        return False
    if since is not None and (before is None or opt_outs.asks_for_no_more(before, by)):
        return False
    _put(tx, contact_id, at, by, now)
    return since is None


def back(tx: Connection, contact_id: ContactId, at: datetime, now: datetime) -> bool:
    """Whether it is news: they were out, and said this afterwards."""
    since, _ = _hold(tx, contact_id)
    if since is None or not opt_outs.may_change(since, at):
        return False
    _put(tx, contact_id, None, None, now)
    return True


def _wrote_since_that_they_are_back(tx: Connection, contact_id: ContactId, at: datetime) -> bool:
    """Asked of those alone who opt out: nobody's messages are read through for it otherwise."""
    query = (
        sa.select(messages.c.text)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(
            conversations.c.contact_id == contact_id,
            messages.c.direction == Direction.INBOUND.value,
            messages.c.at > at,
            sa.func.length(messages.c.text) <= opt_outs.LONGEST,
        )
    )
    return any(opt_outs.wish_in(text) is Wish.BACK for text in tx.execute(query).scalars())


def _hold(tx: Connection, contact_id: ContactId) -> tuple[datetime | None, By | None]:
    query = sa.select(contacts.c.opted_out_at, contacts.c.opted_out_by).where(contacts.c.id == contact_id)
    row = tx.execute(query.with_for_update()).one()
    return row.opted_out_at, By(row.opted_out_by) if row.opted_out_by else None


def _put(tx: Connection, contact_id: ContactId, at: datetime | None, by: By | None, now: datetime) -> None:
    values = {"opted_out_at": at, "opted_out_by": by and by.value, "version": contacts.c.version + 1}
    tx.execute(contacts.update().where(contacts.c.id == contact_id).values(**values))
    talks = tx.execute(sa.select(conversations.c.id).where(conversations.c.contact_id == contact_id)).scalars()
    for conversation_id in talks.all():
        notices.add(tx, "contact", conversation_id, {}, now)


def capped_at(tx: Connection, conversation_id: str, since: datetime) -> datetime | None:
    """When the platform last said that they have had enough of marketing, by whomever; None: not since then."""
    query = sa.select(sa.func.max(messages.c.at)).where(
        messages.c.conversation_id == conversation_id,
        messages.c.status == MessageStatus.FAILED.value,
        messages.c.at > since,
        messages.c.error.like(f"%{opt_outs.CAP_CODE}%"),
    )
    found: datetime | None = tx.execute(query).scalar()
    return found
