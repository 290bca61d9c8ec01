"""What the product's own database says of an account: its standing, its requests, and who was told."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.settings import Settings
from store.database import Database
from store.tables import accounts, alerts, conversations, messages, outbox

_STEP_S = 0.1
_ENDED = ("sent", "refused", "unknown", "withdrawn", "expired")


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One message of ours, and the request it is made by."""

    row_id: int
    conversation_id: str
    text: str
    state: str
    status: str
    provider_id: str | None
    not_before: datetime | None
    settled_at: datetime | None

    @property
    def was_settled(self) -> bool:
        return self.settled_at is not None and self.state != "claimed"

    @property
    def final(self) -> str:
        """As a customer would have it: sent, refused or waiting."""
        if self.state in ("queued", "claimed"):
            return "waiting"
        return "refused" if self.status == "failed" else self.state


@dataclass(frozen=True, kw_only=True)
class Standing:
    fault: str | None
    paused_until: datetime | None
    sent: tuple[Sent, ...]

    def to(self, name: str) -> Sent | None:
        """The one that answers what was written as `name`."""
        return next((each for each in self.sent if name in each.text), None)


class Books:
    def __init__(self, settings: Settings) -> None:
        self._db = Database(settings.database_url)

    async def standing(self, account: str) -> Standing:
        return await self._db.read(_standing, account)

    async def settled(self, account: str, name: str, timeout_s: float) -> Standing:
        """Once the answer to `name` was settled for the first time, or the time is over."""
        deadline = time.monotonic() + timeout_s
        while True:
            found = await self.standing(account)
            answer = found.to(name)
            if (answer is not None and answer.was_settled) or time.monotonic() > deadline:
                return found
            await asyncio.sleep(_STEP_S)

    async def ended(self, account: str, count: int, timeout_s: float) -> Standing:
        """Once so many answers have come to their end, or the time is over."""
        deadline = time.monotonic() + timeout_s
        while True:
            found = await self.standing(account)
            if sum(each.state in _ENDED for each in found.sent) >= count or time.monotonic() > deadline:
                return found
            await asyncio.sleep(_STEP_S)

    def account_of(self, conversation_id: str) -> str:
        """Our id of the account it is on."""
        query = sa.select(conversations.c.account_id).where(conversations.c.id == conversation_id)
        return str(self._db.read_now(lambda tx: tx.execute(query).scalar_one()))

    async def all_told(self, timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        while await self._db.read(_to_be_told):
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_STEP_S)
        return True

    def close(self) -> None:
        self._db.close()


def _standing(tx: Connection, account: str) -> Standing:
    its: Any = tx.execute(
        sa.select(accounts.c.id, accounts.c.fault, accounts.c.paused_until).where(accounts.c.provider_id == account)
    ).one()
    query = (
        sa.select(outbox, messages.c.text, messages.c.status, messages.c.provider_id)
        .join(messages, messages.c.id == outbox.c.message_id)
        .join(conversations, conversations.c.id == outbox.c.conversation_id)
        .where(conversations.c.account_id == its.id, outbox.c.lane == "message")
        .order_by(outbox.c.id)
    )
    sent = tuple(
        Sent(
            row_id=row.id,
            conversation_id=row.conversation_id,
            text=row.text or "",
            state=row.state,
            status=row.status,
            provider_id=row.provider_id,
            not_before=row.not_before,
            settled_at=row.settled_at,
        )
        for row in tx.execute(query)
    )
    return Standing(fault=its.fault, paused_until=its.paused_until, sent=sent)


def _to_be_told(tx: Connection) -> int:
    query: Any = sa.select(sa.func.count()).select_from(alerts).where(alerts.c.state.in_(["waiting", "claimed"]))
    return int(tx.execute(query).scalar_one())
