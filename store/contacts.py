"""Contacts and their addresses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.account import AccountId
from conversation.contact import Address, AddressKind, Contact, ContactId
from conversation.ids import new_id
from store.tables import addresses, contacts


def find_or_add(
    tx: Connection, account_id: AccountId, known_by: Sequence[Address], name: str | None, now: datetime
) -> ContactId:
    """The contact with any of these addresses, the first one deciding; addresses nobody has are added to it."""
    owners = {address: _owner(tx, account_id, address) for address in known_by}
    contact_id = next((owner for owner in owners.values() if owner), None)
    if contact_id is None:
        contact_id = ContactId(new_id("con"))
        tx.execute(contacts.insert().values(id=contact_id, account_id=account_id, name=name, created_at=now))
    elif name:
        tx.execute(
            contacts.update()
            .where(contacts.c.id == contact_id, contacts.c.name.is_distinct_from(name))
            .values(name=name)
        )
    for address, owner in owners.items():
        if owner is None:
            tx.execute(
                addresses.insert().values(
                    account_id=account_id, kind=address.kind.value, value=address.value, contact_id=contact_id
                )
            )
    return contact_id


def _owner(tx: Connection, account_id: AccountId, address: Address) -> ContactId | None:
    owner = tx.execute(
        sa.select(addresses.c.contact_id).where(
            addresses.c.account_id == account_id,
            addresses.c.kind == address.kind.value,
            addresses.c.value == address.value,
        )
    ).scalar()
    return ContactId(owner) if owner else None


def addresses_of(tx: Connection, contact_id: ContactId) -> tuple[Address, ...]:
    rows = tx.execute(
        sa.select(addresses.c.kind, addresses.c.value)
        .where(addresses.c.contact_id == contact_id)
        .order_by(addresses.c.kind, addresses.c.value)
    )
    return tuple(Address(kind=AddressKind(row.kind), value=row.value) for row in rows)


def get(tx: Connection, contact_id: ContactId) -> Contact:
    name = tx.execute(sa.select(contacts.c.name).where(contacts.c.id == contact_id)).scalar_one()
    return Contact(id=contact_id, name=name, addresses=addresses_of(tx, contact_id))
