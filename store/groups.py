"""Groups among the contacts."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.account import AccountId
from conversation.contact import Address
from store.tables import addresses, contacts


def name_where_none(tx: Connection, account_id: AccountId, group: Address, name: str) -> None:
    """What it is called until somebody tells."""
    of_group = sa.select(addresses.c.contact_id).where(
        addresses.c.account_id == account_id, addresses.c.kind == group.kind.value, addresses.c.value == group.value
    )
    nameless = sa.and_(contacts.c.id.in_(of_group.scalar_subquery()), contacts.c.name.is_(None))
    tx.execute(contacts.update().where(nameless).values(name=name))
