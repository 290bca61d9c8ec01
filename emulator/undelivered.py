"""WhatsApp's webhooks that nobody took: kept for days, and brought when the product is back [WA docs: webhooks]."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from emulator.clock import Wait, clock
from emulator.parcels import Parcel
from emulator.people import Account
from emulator.retries import KEPT_S
from emulator.settings import Settings

_AT_ONCE = 10
_GIVEN_UP_KEPT = 1000


@dataclass(kw_only=True)
class _Shelf:
    """Of one account."""

    parcels: deque[Parcel] = field(default_factory=deque)
    back: bool = False
    wait: Wait | None = None
    task: asyncio.Task[None] | None = None


class Undelivered:
    """Asks with the oldest one now and then whether the product is back; if so, it gets all of them."""

    def __init__(self, bring: Callable[[Parcel], Awaitable[bool]], settings: Callable[[], Settings]) -> None:
        self._bring = bring
        self._settings = settings
        self._shelves: dict[str, _Shelf] = {}
        self.given_up: deque[Parcel] = deque(maxlen=_GIVEN_UP_KEPT)

    def keep(self, account: Account, parcels: Iterable[Parcel], *, wait_first: bool = True) -> None:
        shelf = self._shelves.setdefault(account.id, _Shelf())
        shelf.parcels.extend(parcels)
        if shelf.task is None or shelf.task.done():
            shelf.back = False
            shelf.task = asyncio.create_task(self._empty(shelf, wait_first=wait_first))

    def product_is_back(self, account: Account) -> None:
        """It took something else."""
        if (shelf := self._shelves.get(account.id)) is not None:
            shelf.back = True
            if shelf.wait is not None:
                shelf.wait.wake()

    def give_up(self, parcel: Parcel) -> None:
        """After seven days nobody brings it any more."""
        parcel.next_ms = None
        self.given_up.append(parcel)

    def waiting(self) -> list[Parcel]:
        return [parcel for shelf in self._shelves.values() for parcel in shelf.parcels]

    @property
    def count(self) -> int:
        return sum(len(shelf.parcels) for shelf in self._shelves.values())

    def stop(self) -> None:
        for shelf in self._shelves.values():
            if shelf.task is not None:
                shelf.task.cancel()
        self._shelves.clear()

    async def _empty(self, shelf: _Shelf, *, wait_first: bool) -> None:
        if wait_first:
            await self._pause(shelf)
        while shelf.parcels:
            while shelf.parcels and await self._brought(shelf, 1):
                await self._brought(shelf, _AT_ONCE)
            self._let_go_of_old(shelf)
            if shelf.parcels:
                await self._pause(shelf)

    async def _pause(self, shelf: _Shelf) -> None:
        """Until the next try is due, or the product took something else meanwhile."""
        if not shelf.back:
            shelf.wait = clock.begin(self._settings().retry_longest_ms)
            due = clock.now_ms() + self._settings().retry_longest_ms
            for parcel in shelf.parcels:
                parcel.next_ms = due
            await clock.until(shelf.wait)
            shelf.wait = None
        shelf.back = False

    def _let_go_of_old(self, shelf: _Shelf) -> None:
        old = [parcel for parcel in shelf.parcels if clock.time() - parcel.since_s > KEPT_S]
        for parcel in old:
            shelf.parcels.remove(parcel)
            self.give_up(parcel)

    async def _brought(self, shelf: _Shelf, count: int) -> bool:
        """The next few, at once; whether all of them were taken. What was not stays where it was.

        Each is on the shelf until it has been taken, so that `count` never says too little."""
        some = [parcel for parcel, _ in zip(shelf.parcels, range(count), strict=False)]
        taken = await asyncio.gather(*(self._bring(parcel) for parcel in some))
        for parcel, well in zip(some, taken, strict=True):
            if well or not parcel.retries():
                shelf.parcels.remove(parcel)
        return all(taken)
