"""Customers who write numbered messages all the time, whatever happens to the product."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from bench.harness.customers import Customer
from bench.harness.product import Product

KEY = re.compile(r"#[0-9]+\.[0-9]+")
_ANSWER_S = 4.0


@dataclass(frozen=True, kw_only=True)
class Said:
    """A message as its customer wrote it. Its key stands in its words, and so in its answer's."""

    key: str
    text: str
    provider_id: str
    says: int  # messages its answer has


@dataclass(kw_only=True)
class Writer:
    """A customer with a life of its own, unless somebody has it `alone`."""

    name: int
    customer: Customer
    dice: random.Random
    mean_pause_s: float
    said: list[Said] = field(default_factory=list)
    _alone: asyncio.Lock = field(default_factory=asyncio.Lock)
    _posting: set[asyncio.Task[object]] = field(default_factory=set)

    async def live(self, product: Product, stop: asyncio.Event) -> None:
        """Writes, at times two messages in one webhook, at times on without waiting for the answer."""
        while not stop.is_set():
            async with self._alone:
                written_ns = time.monotonic_ns()
                self.write(product, 2 if self.dice.random() < 0.1 else 1)
                if self.dice.random() < 0.6:
                    await self.customer.is_answered(product, written_ns, _ANSWER_S)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stop.wait(), self.dice.expovariate(1 / self.mean_pause_s))

    @contextlib.asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """It writes only what it is told to."""
        async with self._alone:
            yield

    def write(self, product: Product, messages: int = 1) -> Said:
        """The last one. Whether the webhook is answered is for Meta to know, which comes again until it is."""
        new = [self._next() for _ in range(messages)]
        # As in life the next webhook may overtake this one: the order of arrival is the order of commits.
        task = asyncio.create_task(self._post(product, new))
        self._posting.add(task)
        task.add_done_callback(self._posting.discard)
        return new[-1]

    async def posted(self) -> None:
        """Waits until each webhook was tried once."""
        await asyncio.gather(*self._posting)

    def _next(self) -> Said:
        key = f"#{self.name:02}.{len(self.said):04}"
        says = 2 if self.dice.random() < 0.25 else 1
        text = f"{key} think={self.dice.randrange(0, 30)} say={says}"
        said = Said(key=key, text=text, provider_id=f"wamid.crash.{key[1:]}", says=says)
        self.said.append(said)
        return said

    async def _post(self, product: Product, new: Sequence[Said]) -> None:
        number, phone = self.customer.number, self.customer.phone
        if len(new) == 1:
            await product.emulator.say(number, phone, new[0].text, id=new[0].provider_id)
        else:
            whole = [{"customer": phone, "text": said.text, "id": said.provider_id} for said in new]
            await product.emulator.batch(number, whole)


def made_of(customers: Sequence[Customer], *, seed: int, per_s: float) -> list[Writer]:
    """A writer for each; together they write about `per_s` messages a second."""
    return [
        Writer(name=n, customer=customer, dice=random.Random(f"writer/{seed}/{n}"), mean_pause_s=len(customers) / per_s)
        for n, customer in enumerate(customers)
    ]
