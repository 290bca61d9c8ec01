"""The product's own database, read from outside: where a message stands, and in the end all that became of all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.settings import Settings
from store.database import Database
from store.tables import accounts, mailbox, messages, outbox, tracker_events

_OPEN = ("queued", "claimed")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An inbound message and its mail. `cut_off`: turns on it that a process ended in, or that failed."""

    provider_id: str
    conversation_id: str
    text: str
    verdict: str | None
    mail_id: int
    mail_state: str
    cut_off: int


@dataclass(frozen=True, kw_only=True)
class Row:
    """An outbox row that makes a message. `shown`: what people see of it."""

    id: int
    conversation_id: str
    text: str
    state: str
    resent: bool
    claimed_at: datetime | None
    shown: str


@dataclass(frozen=True, kw_only=True)
class Books:
    """All of it, read in one transaction. `words`: what each tracker heard, in its order."""

    kept: Sequence[Kept]
    rows: Sequence[Row]
    words: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Unsettled:
    """What is still to be done, and the numbers of ours with a send of unknown fate that may be made once more."""

    mail: int
    sends: int
    unknown_on: frozenset[str]


class Ledger:
    def __init__(self, settings: Settings) -> None:
        self._db = Database(settings.database_url)

    def close(self) -> None:
        self._db.close()

    async def is_kept(self, provider_id: str) -> bool:
        return await self._db.read(_is_kept, provider_id)

    async def is_decided(self, provider_id: str) -> bool:
        """It is done with."""
        return await self._db.read(_is_decided, provider_id)

    async def is_held_up(self, within_s: float) -> bool:
        """Whether a process that stands still keeps others from writing: SQLite has one writer's place, and PostgreSQL
        keeps the locks of a transaction that does not go on."""
        if self._db.is_sqlite:
            try:
                await asyncio.wait_for(self._db.write(lambda tx: None), within_s)
            except asyncio.TimeoutError:
                return True
            return False
        before = await self._db.read(_idle_transactions)
        await asyncio.sleep(within_s)
        return bool(before & await self._db.read(_idle_transactions))

    async def is_under_way(self, conversation_id: str) -> bool:
        """A turn is begun on a mail of this conversation, and nothing became of it yet."""
        return await self._db.read(_is_under_way, conversation_id)

    async def claimed(self, conversation_id: str) -> list[int]:
        """Its outbox rows that are claimed; signals apart."""
        return await self._db.read(_claimed, conversation_id)

    async def claimed_once_more(self) -> list[int]:
        """Rows of unknown fate that are claimed for the second time."""
        return await self._db.read(_claimed_once_more)

    async def unsettled(self) -> Unsettled:
        return await self._db.read(_unsettled)

    async def books(self) -> Books:
        return await self._db.read(_books)


def _idle_transactions(tx: Connection) -> set[tuple[int, datetime]]:
    idle = "state LIKE 'idle in transaction%%' AND datname = current_database()"
    return {(row.pid, row.xact_start) for row in tx.exec_driver_sql(f"SELECT * FROM pg_stat_activity WHERE {idle}")}


def _is_kept(tx: Connection, provider_id: str) -> bool:
    return _count(tx, messages, messages.c.provider_id == provider_id) > 0


def _is_decided(tx: Connection, provider_id: str) -> bool:
    this = sa.select(messages.c.id).where(messages.c.provider_id == provider_id)
    return _count(tx, mailbox, mailbox.c.message_id.in_(this), mailbox.c.state == "done") > 0


def _is_under_way(tx: Connection, conversation_id: str) -> bool:
    return _count(tx, mailbox, mailbox.c.conversation_id == conversation_id, mailbox.c.under_way) > 0


def _claimed(tx: Connection, conversation_id: str) -> list[int]:
    query = sa.select(outbox.c.id).where(
        outbox.c.conversation_id == conversation_id, outbox.c.state == "claimed", outbox.c.lane == "message"
    )
    return list(tx.execute(query).scalars())


def _claimed_once_more(tx: Connection) -> list[int]:
    return list(tx.execute(sa.select(outbox.c.id).where(outbox.c.state == "claimed", outbox.c.resent)).scalars())


def _unsettled(tx: Connection) -> Unsettled:
    unknown = (
        sa.select(accounts.c.provider_id)
        .join(outbox, outbox.c.account_id == accounts.c.id)
        .where(outbox.c.state == "unknown", outbox.c.lane == "message", sa.not_(outbox.c.resent))
    )
    return Unsettled(
        mail=_count(tx, mailbox, mailbox.c.state == "new"),
        sends=_count(tx, outbox, outbox.c.state.in_(_OPEN)),
        unknown_on=frozenset(tx.execute(unknown).scalars()),
    )


def _count(tx: Connection, table: sa.Table, *conditions: Any) -> int:
    return int(tx.execute(sa.select(sa.func.count()).select_from(table).where(*conditions)).scalar_one())


def _books(tx: Connection) -> Books:
    inbound = (
        sa.select(
            messages,
            mailbox.c.id.label("mail_id"),
            mailbox.c.state.label("mail_state"),
            mailbox.c.crashes,
            mailbox.c.attempts,
        )
        .join(mailbox, mailbox.c.message_id == messages.c.id)
        .where(messages.c.direction == "inbound")
        .order_by(mailbox.c.id)
    )
    sends = (
        sa.select(outbox, messages.c.status.label("shown"), messages.c.text)
        .join(messages, messages.c.id == outbox.c.message_id)
        .order_by(outbox.c.id)
    )
    heard = (
        sa.select(tracker_events.c.sender_id, tracker_events.c.event)
        .where(tracker_events.c.type == "user")
        .order_by(tracker_events.c.sender_id, tracker_events.c.seq)
    )
    return Books(
        kept=[_kept(row) for row in tx.execute(inbound)],
        rows=[_row(row) for row in tx.execute(sends)],
        words=[(row.sender_id, json.loads(row.event).get("text") or "") for row in tx.execute(heard)],
    )


def _kept(row: Any) -> Kept:
    return Kept(
        provider_id=row.provider_id,
        conversation_id=row.conversation_id,
        text=row.text or "",
        verdict=row.verdict,
        mail_id=row.mail_id,
        mail_state=row.mail_state,
        cut_off=row.crashes + row.attempts,
    )


def _row(row: Any) -> Row:
    return Row(
        id=row.id,
        conversation_id=row.conversation_id,
        text=row.text or "",
        state=row.state,
        resent=row.resent,
        claimed_at=row.claimed_at,
        shown=row.shown,
    )
