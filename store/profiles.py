"""Which contacts a channel is to be asked about, and what it told of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.account import AccountId
from conversation.contact import Address, ContactId
from conversation.conversation import ConversationId
from store import contacts as people
from store.tables import accounts, contacts, conversations

#: Under these, a contact's `profile` has what is ours: how often asking failed, and the name as the channel told it.
FAILURES, NAME = "failures", "name"


@dataclass(frozen=True, kw_only=True)
class Asking:
    """A contact the channel is asked about now."""

    contact_id: ContactId
    account_id: AccountId
    addresses: tuple[Address, ...]
    failures: int


def due(tx: Connection, now: datetime, limit: int) -> Sequence[ContactId]:
    """Whose time has come, those who came first first; none of accounts that are out of use, or broken."""
    query = (
        sa.select(contacts.c.id)
        .join(accounts, accounts.c.id == contacts.c.account_id)
        .where(contacts.c.profile_due_at <= now, accounts.c.active, accounts.c.fault.is_(None))
        .order_by(contacts.c.profile_due_at)
        .limit(limit)
    )
    return [ContactId(each) for each in tx.execute(query).scalars()]


def claim(tx: Connection, contact_id: ContactId, now: datetime, until: datetime) -> Asking | None:
    """It is not due for anybody else until then; None where another was first."""
    this = sa.and_(contacts.c.id == contact_id, contacts.c.profile_due_at <= now)
    row = tx.execute(sa.select(contacts).where(this).with_for_update(key_share=True)).first()
    if row is None:
        return None
    ask_again(tx, contact_id, until)
    return Asking(
        contact_id=contact_id,
        account_id=AccountId(row.account_id),
        addresses=people.addresses_of(tx, contact_id),
        failures=int(row.profile.get(FAILURES, 0)),
    )


def save(
    tx: Connection,
    contact_id: ContactId,
    *,
    name: str | None,
    username: str | None,
    facts: Mapping[str, Any],
    due_at: datetime,
) -> None:
    """A name that a webhook told stays; the one of a profile stands in the place of none, and of its own before."""
    row = tx.execute(sa.select(contacts).where(contacts.c.id == contact_id).with_for_update(key_share=True)).one()
    replaceable = {None, row.profile.get(NAME), row.username}
    values: dict[str, Any] = {"profile": {**facts, NAME: name}, "profile_due_at": due_at}
    if name and row.name in replaceable:
        values["name"] = name
    if username:
        values["username"] = username
    _put(tx, contact_id, **values)


def failed(tx: Connection, contact_id: ContactId, failures: int, due_at: datetime) -> None:
    row = tx.execute(sa.select(contacts.c.profile).where(contacts.c.id == contact_id).with_for_update(key_share=True))
    _put(tx, contact_id, profile={**row.scalar_one(), FAILURES: failures}, profile_due_at=due_at)


def ask_again(tx: Connection, contact_id: ContactId, due_at: datetime | None) -> None:
    """None: never."""
    _put(tx, contact_id, profile_due_at=due_at)


def conversation_of(tx: Connection, contact_id: ContactId) -> ConversationId | None:
    found = tx.execute(sa.select(conversations.c.id).where(conversations.c.contact_id == contact_id)).scalar()
    return ConversationId(found) if found else None


def has_written(tx: Connection, contact_id: ContactId) -> bool:
    """In a way that lets us write to them: a comment does not."""
    written = sa.and_(conversations.c.contact_id == contact_id, conversations.c.last_inbound_at.is_not(None))
    return tx.execute(sa.select(conversations.c.id).where(written)).first() is not None


def _put(tx: Connection, contact_id: ContactId, **values: Any) -> None:
    tx.execute(contacts.update().where(contacts.c.id == contact_id).values(**values))
