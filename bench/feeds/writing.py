"""What there is to tell: customers write, operators make notes, and commits are held open and overtaken."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import Connection

from bench.harness.product import Product
from runtime.clock import SystemClock
from store import notices
from store.database import Database

#: What a process of ours says after a commit; see `store/line.py`.
_CHANGED = "baton_changed"
_HELD_S = 0.25


@dataclass(kw_only=True)
class Writing:
    """`committed_ns`: when each notice of ours was committed, by its number here."""

    product: Product
    db: Database
    numbers: Sequence[str]
    customers: Sequence[str]
    dice: random.Random
    committed_ns: dict[int, int] = field(default_factory=dict)
    conversations: list[str] = field(default_factory=list)
    accounts: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: {"webhooks": 0, "notes": 0, "commits": 0})
    errors: list[str] = field(default_factory=list)
    _n: int = 0

    async def begin(self) -> None:
        """Everybody has written once, so that there are conversations."""
        for number in self.numbers:
            for customer in self.customers:
                await self.product.emulator.say(number, customer, "oi")
        self.conversations = [each["id"] for each in await self.product.operators.conversations()]

    async def go_on(self, seconds: float, rate: float) -> None:
        """For so long, so many a second; each beside the next, however long it takes."""
        ends, works = time.monotonic() + seconds, []
        while time.monotonic() < ends:
            works.append(asyncio.create_task(self._one()))
            await asyncio.sleep(self.dice.expovariate(rate))
        await asyncio.gather(*works)

    async def _one(self) -> None:
        draw = self.dice.random()
        try:
            if draw < 0.35:
                await self._webhook()
            elif draw < 0.5:
                await self._note()
            else:
                await self.commit(held_s=self.dice.uniform(0, _HELD_S) if draw < 0.75 else 0.0)
        except Exception as error:
            self.errors.append(type(error).__name__)

    async def _webhook(self) -> None:
        number, customer = self.dice.choice(self.numbers), self.dice.choice(self.customers)
        answer = await self.product.emulator.say(number, customer, "olá")
        self.counts["webhooks"] += answer["status"] == 200

    async def _note(self) -> None:
        answer = await self.product.operators.ask(
            "POST", f"conversations/{self.dice.choice(self.conversations)}/notes", {"text": "liga amanhã"}
        )
        self.counts["notes"] += answer.status < 300

    async def commit(self, *, held_s: float = 0.0) -> int:
        """A notice of ours, committed so long after it was written."""
        self._n += 1
        n = self._n
        await asyncio.to_thread(self._commit, n, held_s)
        self.counts["commits"] += 1
        return n

    def _commit(self, n: int, held_s: float) -> None:
        with self.db.engine.connect() as connection, connection.begin():
            _write(connection, {"n": n})
            time.sleep(held_s)
            self.committed_ns[n] = time.monotonic_ns()


def _write(tx: Connection, facts: dict[str, Any]) -> None:
    """With the word that a process of ours says after its commit."""
    notices.add(tx, "bench", None, facts, SystemClock().now())
    tx.exec_driver_sql(f"NOTIFY {_CHANGED}")
