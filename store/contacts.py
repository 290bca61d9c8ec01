"""Contacts and their addresses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation import phone_numbers
from conversation.account import AccountId
from conversation.contact import Address, AddressKind, Contact, ContactId
from conversation.ids import new_id
from store import doors, former_ids
from store.prepared import Prepared
from store.tables import addresses, contacts

_LOOK_UP = Prepared(
    sa.select(addresses.c.contact_id, contacts.c.name)
    .join(contacts, contacts.c.id == addresses.c.contact_id)
    .where(
        addresses.c.account_id == sa.bindparam("account"),
        addresses.c.kind == sa.bindparam("kind_"),
        addresses.c.value == sa.bindparam("value_"),
    )
)
#: Of whom a channel may tell more than the webhook did; where it can't, nobody is asked again.
_HAVE_PROFILES = frozenset({AddressKind.PSID, AddressKind.IGSID, AddressKind.USER})
_OF_CONTACT = (
    sa.select(addresses.c.kind, addresses.c.value)
    .where(addresses.c.contact_id == sa.bindparam("contact"))
    .order_by(addresses.c.kind, addresses.c.value)
)


class Met(NamedTuple):
    """Whom an arrival is from. `others`: contacts that were taken for somebody else, and are the same by its word."""

    id: ContactId
    others: tuple[ContactId, ...] = ()


def find_or_add(
    tx: Connection, account_id: AccountId, known_by: Sequence[Address], name: str | None, now: datetime
) -> ContactId:
    """The contact with any of these addresses, the first one deciding; addresses nobody has are added to it."""
    return meet(tx, account_id, known_by, name, now).id


def meet(tx: Connection, account_id: AccountId, known_by: Sequence[Address], name: str | None, now: datetime) -> Met:
    """As `find_or_add`, and who else has one of the addresses."""
    found = _look_up(tx, account_id, known_by)
    new = [address for address in known_by if (address.kind.value, address.value) not in found]
    if new and _others_may_add(tx, account_id, new):
        found = _look_up(tx, account_id, known_by)
        new = [address for address in new if (address.kind.value, address.value) not in found]
    owners = [found[key] for a in known_by if (key := (a.kind.value, a.value)) in found]
    owners += _of_another_spelling(tx, account_id, new)
    ids = list(dict.fromkeys(contact for contact, _ in owners))
    if not ids:
        contact_id = ContactId(new_id("con"))
        made = {"id": contact_id, "account_id": account_id, "name": name, "created_at": now}
        ask_at = now if known_by[0].kind in _HAVE_PROFILES else None
        tx.execute(contacts.insert(), {**made, "profile_due_at": ask_at})
    else:
        contact_id, known_as = owners[0]
        if name and name != known_as and len(ids) == 1:
            call(tx, contact_id, name)
    for address in known_by:
        if (address.kind.value, address.value) not in found:
            add_address(tx, account_id, contact_id, address)
    return Met(contact_id, tuple(ids[1:]))


def call(tx: Connection, contact_id: ContactId, name: str) -> None:
    """By the name that the channel tells."""
    tx.execute(contacts.update().where(contacts.c.id == contact_id).values(name=name))


def find(tx: Connection, account_id: AccountId, known_by: Sequence[Address]) -> ContactId | None:
    """The contact with any of these addresses, the first one deciding."""
    found = _look_up(tx, account_id, known_by)
    owners = [found[key] for a in known_by if (key := (a.kind.value, a.value)) in found]
    owners = owners or _of_another_spelling(tx, account_id, known_by)
    return owners[0][0] if owners else None


def all_of(tx: Connection, account_id: AccountId, known_by: Sequence[Address]) -> dict[Address, ContactId]:
    """Whose each of these addresses is, where it is somebody's."""
    found = _look_up(tx, account_id, known_by)
    return {a: found[key][0] for a in known_by if (key := (a.kind.value, a.value)) in found}


def add_address(tx: Connection, account_id: AccountId, contact_id: ContactId, address: Address) -> None:
    """As it came: a number is never written in another way."""
    row = {"account_id": account_id, "kind": address.kind.value, "value": address.value}
    tx.execute(addresses.insert(), {**row, "contact_id": contact_id})


def hold(tx: Connection, account_id: AccountId, known_by: Sequence[Address]) -> None:
    """From now on nobody else adds one of these, until this transaction ends."""
    _others_may_add(tx, account_id, known_by)


def _look_up(
    tx: Connection, account_id: AccountId, known_by: Sequence[Address]
) -> dict[tuple[str, str], tuple[ContactId, str | None]]:
    """Whose each address is, and that contact's name."""
    found = {}
    for address in known_by:
        row = _LOOK_UP.first(tx, account=account_id, kind_=address.kind.value, value_=address.value)
        if row is not None:
            found[address.kind.value, address.value] = (ContactId(row[0]), row[1])
    return found


def _of_another_spelling(
    tx: Connection, account_id: AccountId, known_by: Sequence[Address]
) -> list[tuple[ContactId, str | None]]:
    """Those with a number that is one of these, written otherwise; the one known longest first."""
    written = [value for a in known_by if a.kind is AddressKind.PHONE for value in phone_numbers.alike(a.value)]
    if not written:
        return []
    query = (
        sa.select(contacts.c.id, contacts.c.name)
        .join(addresses, addresses.c.contact_id == contacts.c.id)
        .where(
            addresses.c.account_id == account_id,
            addresses.c.kind == AddressKind.PHONE.value,
            addresses.c.value.in_(written),
        )
        .order_by(contacts.c.created_at, contacts.c.id)
    )
    return list(dict.fromkeys((ContactId(row.id), row.name) for row in tx.execute(query)))


def _others_may_add(tx: Connection, account_id: AccountId, new: Sequence[Address]) -> bool:
    """Whether somebody else may have added one of these meanwhile; from now on nobody can, until this transaction ends.

    There is no row to lock yet: two gateways that hear of a new customer at once wait for each other here, also where
    they hear of one number written in two ways.
    """
    doors.hold(tx, *{f"{account_id}:{address.kind.value}:{_door(address)}" for address in new})
    return doors.needed(tx)


def _door(address: Address) -> str:
    return min(phone_numbers.spellings(address.value)) if address.kind is AddressKind.PHONE else address.value


def account_of(tx: Connection, contact_id: str) -> AccountId | None:
    """None: there is no such contact."""
    found = tx.execute(sa.select(contacts.c.account_id).where(contacts.c.id == contact_id)).scalar()
    return AccountId(found) if found else None


def known_to_meta_as(tx: Connection, user_id: str) -> list[tuple[ContactId, AccountId]]:
    """Those that Messenger or Instagram know by this id, each with their account."""
    of_meta = addresses.c.kind.in_([AddressKind.PSID.value, AddressKind.IGSID.value])
    query = sa.select(addresses.c.contact_id, addresses.c.account_id).where(of_meta, addresses.c.value == user_id)
    return [(ContactId(row.contact_id), AccountId(row.account_id)) for row in tx.execute(query)]


def addresses_of(tx: Connection, contact_id: ContactId) -> tuple[Address, ...]:
    rows = tx.execute(_OF_CONTACT, {"contact": contact_id})
    return tuple(Address(kind=AddressKind(row.kind), value=row.value) for row in rows)


def get(tx: Connection, contact_id: ContactId) -> Contact:
    """Also by an id that they had before they were found to be this one."""
    this = sa.select(contacts).where(contacts.c.id == sa.bindparam("contact"))
    row = tx.execute(this, {"contact": contact_id}).first()
    if row is None:
        contact_id = ContactId(former_ids.resolved(tx, contact_id))
        row = tx.execute(this, {"contact": contact_id}).one()
    return _from_row(row, addresses_of(tx, contact_id))


def _from_row(row: Any, known_by: tuple[Address, ...]) -> Contact:
    return Contact(
        id=ContactId(row.id),
        name=row.name,
        addresses=known_by,
        username=row.username,
        profile=row.profile,
        picture_id=row.picture_id,
        account_id=row.account_id,
        given_name=row.given_name,
        notice_at=row.notice_at,
        created_at=row.created_at,
        opted_out_at=row.opted_out_at,
        opted_out_by=row.opted_out_by,
        version=row.version,
    )


def several(tx: Connection, contact_ids: Sequence[ContactId]) -> dict[ContactId, Contact]:
    """Many at once, for lists."""
    known_by: dict[str, list[Address]] = {each: [] for each in contact_ids}
    of_these = addresses.c.contact_id.in_(contact_ids)
    for row in tx.execute(sa.select(addresses).where(of_these).order_by(addresses.c.kind, addresses.c.value)):
        known_by[row.contact_id].append(Address(kind=AddressKind(row.kind), value=row.value))
    rows = tx.execute(sa.select(contacts).where(contacts.c.id.in_(contact_ids)))
    return {ContactId(row.id): _from_row(row, tuple(known_by[row.id])) for row in rows}
