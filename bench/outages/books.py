"""What the product's own database says of an outage: what it has kept, who was asked for, how far it has caught up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.settings import Settings
from bench.harness.strangers import ELSEWHERE
from conversation.sync import GOES_ON, SyncKind
from store import pulses
from store.database import Database
from store.tables import accounts, addresses, conversations, mailbox, messages, outbox, requests, syncs


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A message in a conversation; of a contact's with when we heard of it, in the order in which we took them up."""

    provider_id: str
    conversation_id: str
    at: datetime
    place: int
    arrived_at: datetime | None = None  # None: our side wrote it, elsewhere
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A person was asked for."""

    conversation_id: str
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Books:
    """One account's."""

    kept: Sequence[Kept]
    asked: Sequence[Asked]
    #: Who each conversation is with.
    addresses: Mapping[str, frozenset[str]]


@dataclass(frozen=True, kw_only=True)
class Progress:
    """`fetching`: something is asked for, or being fetched; `fetched`: that was so, and has ended."""

    fetching: bool
    fetched: bool
    mail: int
    sends: int


class Ledger:
    def __init__(self, settings: Settings) -> None:
        self._db = Database(settings.database_url)

    def close(self) -> None:
        self._db.close()

    async def is_watched(self, account: str) -> bool:
        """Whether the product has looked, and written down, that its channel tells it of this account."""
        return await self._db.read(_is_watched, account)

    async def progress(self, account: str, since: datetime) -> Progress:
        return await self._db.read(_progress, account, since)

    async def books(self, account: str) -> Books:
        return await self._db.read(_books, account)


def _is_watched(tx: Connection, account: str) -> bool:
    return pulses.last(tx, "gateway") is not None and pulses.last(tx, f"told:{_id_of(tx, account)}") is not None


def _id_of(tx: Connection, account: str) -> str:
    return str(tx.execute(sa.select(accounts.c.id).where(accounts.c.provider_id == account)).scalar_one())


def _progress(tx: Connection, account: str, since: datetime) -> Progress:
    account_id = _id_of(tx, account)
    of_gap: Any = sa.and_(syncs.c.account_id == account_id, syncs.c.kind == SyncKind.GAP.value)
    going = syncs.c.state.in_([state.value for state in GOES_ON])
    its = conversations.c.account_id == account_id
    return Progress(
        fetching=_count(tx, sa.select(syncs.c.id).where(of_gap, going)) > 0,
        fetched=_count(tx, sa.select(syncs.c.id).where(of_gap, syncs.c.ended_at >= since)) > 0,
        mail=_count(tx, sa.select(mailbox.c.id).join(conversations).where(its, mailbox.c.state == "new")),
        sends=_count(tx, sa.select(outbox.c.id).where(outbox.c.account_id == account_id, outbox.c.state.in_(_OPEN))),
    )


_OPEN = ("queued", "claimed")


def _count(tx: Connection, query: Any) -> int:
    return int(tx.execute(sa.select(sa.func.count()).select_from(query.subquery())).scalar_one())


def _books(tx: Connection, account: str) -> Books:
    its = conversations.c.account_id == _id_of(tx, account)
    heard = (
        sa.select(messages, mailbox.c.id.label("place"), mailbox.c.arrived_at)
        .join(mailbox, mailbox.c.message_id == messages.c.id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(its)
    )
    elsewhere = (
        sa.select(messages, messages.c.id.label("place"), sa.null().label("arrived_at"))
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(its, messages.c.operator.in_(ELSEWHERE))
    )
    asked = sa.select(requests).join(conversations, conversations.c.id == requests.c.conversation_id).where(its)
    known_by = sa.select(conversations.c.id, addresses.c.value).join(
        addresses, addresses.c.contact_id == conversations.c.contact_id
    )
    people: dict[str, set[str]] = defaultdict(set)
    for row in tx.execute(known_by.where(its)):
        people[row.id].add(row.value)
    return Books(
        kept=[_kept(row) for query in (heard, elsewhere) for row in tx.execute(query.order_by(sa.text("place")))],
        asked=[Asked(conversation_id=row.conversation_id, ended_at=row.ended_at) for row in tx.execute(asked)],
        addresses={conversation: frozenset(values) for conversation, values in people.items()},
    )


def _kept(row: Any) -> Kept:
    return Kept(
        provider_id=row.provider_id,
        conversation_id=row.conversation_id,
        at=row.at,
        place=row.place,
        arrived_at=row.arrived_at,
        reason=row.reason,
    )
