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

_LOOK_UP = (
    sa.select(addresses.c.kind, addresses.c.value, addresses.c.contact_id, contacts.c.name)
    .join(contacts, contacts.c.id == addresses.c.contact_id)
    .where(
        addresses.c.account_id == sa.bindparam("account"),
        addresses.c.kind.in_(sa.bindparam("kinds", expanding=True)),
        addresses.c.value.in_(sa.bindparam("values", expanding=True)),
    )
)
_OF_CONTACT = (
    sa.select(addresses.c.kind, addresses.c.value)
    .where(addresses.c.contact_id == sa.bindparam("contact"))
    .order_by(addresses.c.kind, addresses.c.value)
)


def find_or_add(
    tx: Connection, account_id: AccountId, known_by: Sequence[Address], name: str | None, now: datetime
) -> ContactId:
    """The contact with any of these addresses, the first one deciding; addresses nobody has are added to it."""
    asked = {"account": account_id, "kinds": [a.kind.value for a in known_by], "values": [a.value for a in known_by]}
    found = {(row.kind, row.value): row for row in tx.execute(_LOOK_UP, asked)}
    owner = next((found[key] for a in known_by if (key := (a.kind.value, a.value)) in found), None)
    if owner is None:
        contact_id = ContactId(new_id("con"))
        tx.execute(contacts.insert(), {"id": contact_id, "account_id": account_id, "name": name, "created_at": now})
    else:
        contact_id = ContactId(owner.contact_id)
        if name and name != owner.name:
            tx.execute(contacts.update().where(contacts.c.id == contact_id).values(name=name))
    for address in known_by:
        if (address.kind.value, address.value) not in found:
            row = {"account_id": account_id, "kind": address.kind.value, "value": address.value}
            tx.execute(addresses.insert(), {**row, "contact_id": contact_id})
    return contact_id


def addresses_of(tx: Connection, contact_id: ContactId) -> tuple[Address, ...]:
    rows = tx.execute(_OF_CONTACT, {"contact": contact_id})
    return tuple(Address(kind=AddressKind(row.kind), value=row.value) for row in rows)


def get(tx: Connection, contact_id: ContactId) -> Contact:
    name = tx.execute(sa.select(contacts.c.name).where(contacts.c.id == contact_id)).scalar_one()
    return Contact(id=contact_id, name=name, addresses=addresses_of(tx, contact_id))
