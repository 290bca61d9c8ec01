"""Everything that is known of one contact, as values: what they may ask to be given."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store import erasing, former_ids, personal, pruning
from store.erasing import Erasure
from store.tables import accounts, addresses, audit, contacts, conversations, media, webhook_events, webhooks

#: Made of the rest, or of use to a process alone.
_NOTHING_NEW = frozenset({"tracker_snapshots", "leases"})


def of_contact(tx: Connection, contact_id: str) -> dict[str, Any]:
    """By table. Sealed values are left out: they are ours, to fetch a file with."""
    theirs = erasing.planned(tx, contact_id)
    contact_id = theirs.contact
    account = tx.execute(sa.select(accounts).where(accounts.c.id == theirs.account)).one()
    names = frozenset(theirs.names) | erasing.provider_ids(tx, theirs)
    return {
        "account": {"id": account.id, "channel": account.channel, "name": account.name},
        "contact": _rows(tx, contacts, contacts.c.id == contact_id)[0],
        "addresses": _rows(tx, addresses, addresses.c.contact_id == contact_id),
        "conversation": next(iter(_rows(tx, conversations, conversations.c.contact_id == contact_id)), None),
        **{
            name: _rows(tx, column.table, column == theirs.conversation)
            for name, column in personal.OF_CONVERSATION.items()
            if name not in _NOTHING_NEW
        },
        "media": _rows(tx, media, erasing.files_of(theirs)),
        "webhooks": _told(tx, webhooks, theirs, names),
        "webhook_events": _told(tx, webhook_events, theirs, names),
        "audit": _rows(tx, audit, audit.c.salt_of.in_([contact_id, *former_ids.of(tx, contact_id)])),
    }


def _rows(tx: Connection, table: Any, which: Any) -> list[dict[str, Any]]:
    found = tx.execute(sa.select(table).where(which).order_by(*table.primary_key.columns))
    return [
        {name: _plain(name, value) for name, value in row._mapping.items() if not _is_sealed(value)} for row in found
    ]


def _told(tx: Connection, table: Any, theirs: Erasure, names: frozenset[str]) -> list[dict[str, Any]]:
    """What a channel told us, word for word: only what is about them."""
    read = pruning.of_webhooks if table is webhooks else pruning.of_events
    told: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        found, after = read(tx, theirs, names, after)
        told += [{"id": each.id, "items": each.theirs} for each in found]
    return told


def _is_sealed(value: Any) -> bool:
    return isinstance(value, (bytes, memoryview))


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return json.loads(value) if name == "event" and isinstance(value, str) and value[:1] == "{" else value
