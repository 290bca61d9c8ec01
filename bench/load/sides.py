"""The two that are compared, with one face: stock Rasa behind its own `facebook` channel, and ours as a whole product.

Each message is of a customer who expects one answer to it; what arrives at Meta's stand-in is what counts.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bench.harness import figures, product
from bench.harness.product import Options, Product
from bench.load import counting, customers, posting
from bench.load.counting import Ledger
from bench.load.posting import Posted, Webhook
from bench.stock_rasa import facebook
from bench.stock_rasa.facebook import Said, StockRasa

_STEP_S = 0.02
#: A stock Rasa that asked Meta's stand-in for nothing in this time has nothing more to do.
_STILL_S = 1.5


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """An answer that reached Meta's stand-in. The time is `time.monotonic_ns()`."""

    customer: str
    at_ns: int


class Side(Protocol):
    name: str
    home: Path
    url: str

    async def bodies(self, groups: Sequence[Sequence[tuple[str, str]]]) -> list[Webhook]:
        """A signed body for each group of (customer, text)."""
        ...

    async def arrivals(self) -> list[Arrival]:
        """All answers so far, read anew."""
        ...

    def answered(self, among: set[str]) -> int:
        """How many answers to these customers have been seen, looked at often."""
        ...

    async def settled(self, timeout_s: float) -> None:
        """Waits until nothing is left to do."""
        ...

    async def kill(self) -> None: ...

    async def restart(self) -> None: ...


class Stock:
    name = "stock"

    def __init__(self, rasa: StockRasa, home: Path) -> None:
        self._rasa, self.home = rasa, home
        self.url = rasa.webhook_url
        self._mids = 0

    async def bodies(self, groups: Sequence[Sequence[tuple[str, str]]]) -> list[Webhook]:
        return [facebook.webhook(*(self._said(who, text) for who, text in group)) for group in groups]

    def _said(self, customer: str, text: str) -> Said:
        self._mids += 1
        return Said(customer=customer, text=text, mid=f"m.{self._mids}")

    async def arrivals(self) -> list[Arrival]:
        return [Arrival(customer=who, at_ns=at) for who, at in self._rasa.graph.arrivals]

    def answered(self, among: set[str]) -> int:
        return sum(who in among for who, _ in self._rasa.graph.arrivals)

    async def settled(self, timeout_s: float) -> None:
        """It answers a webhook when all is done, so only a restarted one may still be at work."""
        deadline, last = time.monotonic() + timeout_s, -1
        while self._rasa.graph.requests != last and time.monotonic() < deadline:
            last = self._rasa.graph.requests
            await asyncio.sleep(_STILL_S)

    async def kill(self) -> None:
        await self._rasa.kill()

    async def restart(self) -> None:
        await self._rasa.restart()


class Ours:
    name = "ours"

    def __init__(self, running: Product, ledger: Ledger) -> None:
        self._product, self._ledger = running, ledger
        self.home = running.settings.home
        self.url = f"{running.address}/webhooks/whatsapp/webhook"
        self._account = running.options.cast.numbers[0].provider_id

    async def bodies(self, groups: Sequence[Sequence[tuple[str, str]]]) -> list[Webhook]:
        return [await self._body(group) for group in groups]

    async def _body(self, group: Sequence[tuple[str, str]]) -> Webhook:
        """Made by the emulator, which then knows the messages; several are put into one body as Meta does."""
        made = [await self._product.emulator.say(self._account, who, text, deliver=False) for who, text in group]
        body, *others = (json.loads(one["body"]) for one in made)
        for other in others:
            body["entry"] += other["entry"]
        raw = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
        signature = customers.signature_of(self._product.settings.app_secret, raw)
        headers = {"X-Hub-Signature-256": f"sha256={signature}"}
        return Webhook(id=made[0]["id"], customer=group[0][0], key=group[0][0], body=raw, headers=headers)

    async def arrivals(self) -> list[Arrival]:
        requests = await self._product.journal.whole()
        return [Arrival(customer=r.to or "", at_ns=r.received_ns) for r in requests if customers.is_answer(r)]

    def answered(self, among: set[str]) -> int:
        return sum(r.to in among and customers.is_answer(r) for r in self._product.journal.so_far(self._account))

    async def settled(self, timeout_s: float) -> None:
        await self._ledger.quiet(timeout_s, unknown_too=True)

    @property
    def pids(self) -> dict[str, int]:
        return {name: child.process.pid for name, child in self._product.children.items()}

    async def kill(self) -> None:
        """Gateway and worker at once."""
        mine = [self._product.children[name] for name in ("gateway", "worker")]
        for child in mine:
            child.kill()
        await asyncio.gather(*(child.process.wait() for child in mine))

    async def restart(self) -> None:
        await asyncio.gather(*(self._product.restart(name) for name in ("gateway", "worker")))


@contextlib.asynccontextmanager
async def ours(options: Options) -> AsyncIterator[Ours]:
    async with product.running(options) as running:
        with contextlib.closing(counting.Ledger(running.settings)) as ledger:
            yield Ours(running, ledger)


@contextlib.asynccontextmanager
async def stock(home: Path, model: Path, *, database_url: str | None = None) -> AsyncIterator[Stock]:
    async with facebook.running(home, model, database_url=database_url) as rasa:
        yield Stock(rasa, home)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What was posted in one part of a bench, and what arrived for it."""

    wanted: Counter[str]  # accepted messages, by customer
    posted: Sequence[Posted]
    arrivals: Sequence[Arrival]  # to these customers

    @property
    def answered(self) -> int:
        got = self.got
        return sum(min(count, got[who]) for who, count in self.wanted.items())

    @property
    def got(self) -> Counter[str]:
        return Counter(each.customer for each in self.arrivals)

    @property
    def lost(self) -> int:
        return sum(self.wanted.values()) - self.answered

    @property
    def doubled(self) -> int:
        got = self.got
        return sum(max(0, got[who] - count) for who, count in self.wanted.items())

    @property
    def seconds(self) -> float:
        """From the first webhook sent to the last answer."""
        return (max(each.at_ns for each in self.arrivals) - min(each.sent_ns for each in self.posted)) / 1e9

    def as_json(self) -> dict[str, Any]:
        done = bool(self.arrivals)
        return {
            "messages": sum(self.wanted.values()),
            "ack_ms": figures.times_ms(each.ms for each in self.posted if each.accepted),
            "answered_per_s": round(self.answered / self.seconds, 2) if done else 0.0,
            "answered": self.answered,
            "lost": self.lost,
            "doubled": self.doubled,
        }


Post = Callable[[Side, Sequence[Webhook]], Awaitable[Sequence[Posted]]]


async def tell(
    side: Side, groups: Sequence[Sequence[tuple[str, str]]], post: Post, *, timeout_s: float, repeated: int = 1
) -> Told:
    """Posts a body for each group, each `repeated` times, waits until all is done, and counts what arrived."""
    bodies = await side.bodies(groups)
    posted = await post(side, [body for body in bodies for _ in range(repeated)])
    await side.settled(timeout_s)
    accepted = {each.webhook.id for each in posted if each.accepted}
    wanted = Counter(who for body, group in zip(bodies, groups, strict=True) if body.id in accepted for who, _ in group)
    everyone = {who for group in groups for who, _ in group}
    arrivals = [each for each in await side.arrivals() if each.customer in everyone]
    return Told(wanted=wanted, posted=posted, arrivals=arrivals)


def in_turn(at_once: int) -> Post:
    async def post(side: Side, webhooks: Sequence[Webhook]) -> Sequence[Posted]:
        return await posting.post_in_turn(side.url, webhooks, at_once=at_once, home=side.home, env=os.environ)

    return post


def steadily(rate: float) -> Post:
    async def post(side: Side, webhooks: Sequence[Webhook]) -> Sequence[Posted]:
        return await posting.post(side.url, webhooks, rate=rate, home=side.home, env=os.environ)

    return post


async def until_answered(side: Side, among: set[str], count: int, timeout_s: float) -> bool:
    """Whether that many answers arrived in time."""
    deadline = time.monotonic() + timeout_s
    while side.answered(among) < count:
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(_STEP_S)
    return True
