"""Addresses that were a contact's and are not any more: a number that changed hands may be somebody else's by now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.arrivals import SYSTEM
from conversation.contact import Address, AddressKind, ContactId
from conversation.phone_numbers import spellings
from store.tables import addresses, conversations, messages

#: In the content of the message that told of the change.
WAS = "was"


def kept_in(content: Mapping[str, Any], known_by: Sequence[Address]) -> dict[str, Any]:
    """The content of the message that tells of it, with what they were known by until then."""
    return {**content, WAS: [{"kind": each.kind.value, "value": each.value} for each in known_by]}


def take_away(tx: Connection, contact_id: ContactId, known_by: Sequence[Address]) -> None:
    """Nobody is known by these from now on, however a number is written."""
    for each in known_by:
        written = spellings(each.value) if each.kind is AddressKind.PHONE else (each.value,)
        tx.execute(
            addresses.delete().where(
                addresses.c.contact_id == contact_id,
                addresses.c.kind == each.kind.value,
                addresses.c.value.in_(written),
            )
        )


def of_contact(tx: Connection, contact_id: str) -> list[str]:
    """What they were known by before, except what is by now known to be somebody else's."""
    told = (
        sa.select(messages.c.content)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(conversations.c.contact_id == contact_id, messages.c.kind == SYSTEM)
    )
    found = [each["value"] for content in tx.execute(told).scalars() for each in content.get(WAS) or ()]
    others = sa.select(addresses.c.value).where(addresses.c.value.in_(found), addresses.c.contact_id != contact_id)
    theirs = set(tx.execute(others).scalars()) if found else set()
    return sorted(set(found) - theirs)
