"""What was promised, counted: each accepted message kept, and answered once, as seen where answers arrive."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.settings import Settings
from bench.harness.journal import Request
from bench.load import customers
from bench.load.posting import Posted
from store.database import Database
from store.tables import mailbox, messages, outbox

_STEP_S = 0.1


@dataclass(frozen=True, kw_only=True)
class Answers:
    """`repeated`: requests for an outbox row that had arrived before; `doubled` holds them too."""

    answered: int
    lost: int
    doubled: int
    repeated: int

    def as_json(self) -> dict[str, int]:
        return {"answered": self.answered, "lost": self.lost, "doubled": self.doubled}


def answers(requests: Sequence[Request], posted: Sequence[Posted], *, scripted: bool) -> Answers:
    """Of these webhooks' accepted messages. Answers to others are not looked at."""
    key_of = customers.key_of(scripted)
    wanted = Counter(p.webhook.key for p in posted if p.accepted)
    asked = {p.webhook.key for p in posted}
    got: Counter[str] = Counter()
    rows: Counter[str | None] = Counter()
    for request in requests:
        key = key_of(request)
        if customers.is_answer(request) and key in asked:
            got[key] += 1
            rows[request.opaque] += 1
    return Answers(
        answered=sum(min(wanted[key], got[key]) for key in wanted),
        lost=sum(max(0, wanted[key] - got[key]) for key in wanted),
        # A message that was not accepted may be answered all the same, once: it was, and only its 200 was not.
        doubled=sum(max(0, got[key] - count) for key, count in Counter(p.webhook.key for p in posted).items()),
        repeated=sum(count - 1 for row, count in rows.items() if row is not None),
    )


def arrived_ns(requests: Sequence[Request], *, scripted: bool) -> dict[str, int]:
    """When the first answer to each key arrived."""
    key_of, first = customers.key_of(scripted), dict[str, int]()
    for request in requests:
        key = key_of(request)
        if key is not None and customers.is_answer(request):
            first.setdefault(key, request.received_ns)
    return first


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Of the messages that got a 200: those not there, or without mail; those there more than once."""

    accepted: int
    lost: int
    twice: int

    def as_json(self) -> dict[str, int]:
        return {"accepted": self.accepted, "lost": self.lost, "twice": self.twice}


class Ledger:
    """The product's own database, read from outside."""

    def __init__(self, settings: Settings) -> None:
        self._db = Database(settings.database_url)

    async def not_kept(self, posted: Sequence[Posted]) -> int:
        """Accepted messages that are not there exactly once: none, or P1 is broken."""
        kept = Counter(await self._db.read(_inbound_ids))
        return sum(kept[p.webhook.id] != 1 for p in posted if p.accepted)

    async def kept(self, posted: Sequence[Posted]) -> Kept:
        """What became of every message that was answered with 200 at least once, whenever its body came again."""
        accepted = {each.webhook.id for each in posted if each.accepted}
        found = [Counter(ids) for ids in await self._db.read(_message_and_mail_ids)]
        return Kept(
            accepted=len(accepted),
            lost=sum(any(not ids[one] for ids in found) for one in accepted),
            # Of those that never got a 200 too: Meta may have been answered, and only the answer cut off.
            twice=sum(any(ids[one] > 1 for ids in found) for one in {each.webhook.id for each in posted}),
        )

    async def at_work(self) -> int:
        """Mail not yet decided about, and requests not yet settled."""
        return await self._db.read(_unfinished)

    async def quiet(self, timeout_s: float, *, unknown_too: bool = False) -> bool:
        """Waits until nothing is left to do; False if there is still something when the time is over.

        `unknown_too`: and no send is of unknown fate any more.
        """
        deadline = time.monotonic() + timeout_s
        while await self.at_work() or (unknown_too and await self._db.read(_unknown)):
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_STEP_S)
        return True

    def close(self) -> None:
        self._db.close()


def _unknown(tx: Connection) -> int:
    query: Any = sa.select(sa.func.count()).select_from(outbox)
    query = query.where(outbox.c.state == "unknown", outbox.c.lane == "message")  # no witness speaks of a read receipt
    return int(tx.execute(query).scalar_one())


def _inbound_ids(tx: Connection) -> list[str]:
    query = sa.select(messages.c.provider_id).where(messages.c.direction == "inbound")
    return list(tx.execute(query).scalars())


def _message_and_mail_ids(tx: Connection) -> tuple[list[str], list[str]]:
    """The provider ids of inbound messages, and once more for each mail about one."""
    mail = sa.select(messages.c.provider_id).join(mailbox, mailbox.c.message_id == messages.c.id)
    return _inbound_ids(tx), list(tx.execute(mail.where(messages.c.direction == "inbound")).scalars())


def _unfinished(tx: Connection) -> int:
    mail: Any = sa.select(sa.func.count()).select_from(mailbox).where(mailbox.c.state == "new")
    rows: Any = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.state.in_(["queued", "claimed"]))
    return int(tx.execute(mail).scalar_one()) + int(tx.execute(rows).scalar_one())
