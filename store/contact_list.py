"""Contacts as lists show them: found by what they are called or by an address, with the conversation of each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation import versions
from conversation.contact import Contact, ContactId
from conversation.conversation import ConversationId
from conversation.errors import NotFound
from conversation.phone_numbers import alike
from conversation.said import say
from store import contacts, notices
from store.tables import addresses, conversations
from store.tables import contacts as table

#: Fewer digits than these are nobody's number.
_LEAST_DIGITS = 3
_BESIDE_DIGITS = str.maketrans("", "", "+-() .")


@dataclass(frozen=True, kw_only=True)
class Known:
    """A contact, and the one conversation there is with them; None: nobody has written yet."""

    contact: Contact
    conversation_id: ConversationId | None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which contacts. `account_ids`: the accounts that who asks may see; None: all. `text`: a part of a name, a
    username or an address."""

    account_ids: Collection[str] | None = None
    account: str | None = None
    text: str | None = None


def page(tx: Connection, wanted: Wanted, *, after: str | None = None, limit: int) -> list[Known]:
    """The newest first; `after` is the id the last page ended with."""
    query = sa.select(table.c.id)
    if wanted.account_ids is not None:
        query = query.where(table.c.account_id.in_(list(wanted.account_ids)))
    if wanted.account is not None:
        query = query.where(table.c.account_id == wanted.account)
    if wanted.text:
        query = query.where(_is_called(wanted.text))
    if after is not None:
        last = one(tx, after).contact.created_at
        query = query.where(sa.or_(table.c.created_at < last, sa.and_(table.c.created_at == last, table.c.id < after)))
    found = tx.execute(query.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(limit)).scalars()
    return _whole(tx, [ContactId(each) for each in found])


def one(tx: Connection, contact_id: str) -> Known:
    found = _whole(tx, [ContactId(contact_id)])
    if not found:
        raise NotFound(say("There is no contact {contact}.", contact=contact_id))
    return found[0]


def name(tx: Connection, contact_id: str, given_name: str | None, *, version: int | None, now: datetime) -> Known:
    """What operators call them from now on; None: as the channel does. `version`: the one it was decided on."""
    row = tx.execute(sa.select(table.c.version).where(table.c.id == contact_id).with_for_update()).first()
    if row is None:
        raise NotFound(say("There is no contact {contact}.", contact=contact_id))
    versions.check(row.version, version)
    values = {"given_name": given_name, "version": row.version + 1}
    tx.execute(table.update().where(table.c.id == contact_id).values(**values))
    known = one(tx, contact_id)
    if known.conversation_id is not None:
        notices.add(tx, "contact", known.conversation_id, {}, now)
    return known


def call(tx: Connection, contact_id: str, given_name: str, now: datetime) -> bool:
    """By the name our side has for them elsewhere, unless somebody gave them one here. Whether they are now."""
    unnamed = sa.and_(table.c.id == contact_id, table.c.given_name.is_(None))
    if not tx.execute(
        table.update().where(unnamed).values(given_name=given_name, version=table.c.version + 1)
    ).rowcount:
        return False
    known = one(tx, contact_id)
    if known.conversation_id is not None:
        notices.add(tx, "contact", known.conversation_id, {}, now)
    return True


def _is_called(text: str) -> Any:
    """SQLite knows upper and lower case of the English letters only: what others may be written in is tried too."""
    patterns = {f"%{_plain(form)}%" for form in (text, text.lower(), text.upper(), text.title())}
    names = [
        column.ilike(pattern, escape="\\")
        for column in (table.c.name, table.c.given_name, table.c.username)
        for pattern in sorted(patterns)
    ]
    digits = text.translate(_BESIDE_DIGITS)
    value = digits if digits.isdecimal() and len(digits) >= _LEAST_DIGITS else text
    is_it = sa.or_(addresses.c.value.like(f"%{_plain(value)}%", escape="\\"), addresses.c.value.in_(alike(value)))
    reached = sa.select(addresses.c.contact_id).where(is_it)
    return sa.or_(*names, table.c.id.in_(reached))


def _plain(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _whole(tx: Connection, ids: Sequence[ContactId]) -> list[Known]:
    found = contacts.several(tx, ids)
    talks = tx.execute(
        sa.select(conversations.c.contact_id, conversations.c.id).where(conversations.c.contact_id.in_(ids))
    )
    conversation_of = {row.contact_id: ConversationId(row.id) for row in talks}
    return [Known(contact=found[each], conversation_id=conversation_of.get(each)) for each in ids if each in found]
