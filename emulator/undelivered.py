"""WhatsApp's webhooks that nobody took: kept for days, and brought when the product is back [WA docs: webhooks]."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from emulator.people import Account
from emulator.settings import Settings

_AT_ONCE = 10


@dataclass(kw_only=True)
class Parcel:
    """One body on its way to the product. `about` is what the log calls it."""

    account: Account
    body: bytes
    key: str = field(repr=False)
    about: str
    retries: Callable[[], bool]  # asked before each repeat
    accepted: Callable[[], None] | None = None
    attempts: int = 0


@dataclass(kw_only=True)
class _Shelf:
    """Of one account."""

    parcels: deque[Parcel] = field(default_factory=deque)
    back: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None


class Undelivered:
    """Asks with the oldest one now and then whether the product is back; if so, it gets all of them."""

    def __init__(self, bring: Callable[[Parcel], Awaitable[bool]], settings: Callable[[], Settings]) -> None:
        self._bring = bring
        self._settings = settings
        self._shelves: dict[str, _Shelf] = {}

    def keep(self, account: Account, parcels: Iterable[Parcel], *, wait_first: bool = True) -> None:
        shelf = self._shelves.setdefault(account.id, _Shelf())
        shelf.parcels.extend(parcels)
        if shelf.task is None or shelf.task.done():
            shelf.back.clear()
            shelf.task = asyncio.create_task(self._empty(shelf, wait_first=wait_first))

    def product_is_back(self, account: Account) -> None:
        """It took something else."""
        if (shelf := self._shelves.get(account.id)) is not None:
            shelf.back.set()

    @property
    def count(self) -> int:
        return sum(len(shelf.parcels) for shelf in self._shelves.values())

    def stop(self) -> None:
        for shelf in self._shelves.values():
            if shelf.task is not None:
                shelf.task.cancel()
        self._shelves.clear()

    async def _empty(self, shelf: _Shelf, *, wait_first: bool) -> None:
        wait_ms = self._settings().retry_longest_ms if wait_first else 0
        while shelf.parcels:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(shelf.back.wait(), wait_ms / 1000)
            shelf.back.clear()
            wait_ms = self._settings().retry_longest_ms
            while shelf.parcels and await self._brought(shelf, 1):
                await self._brought(shelf, _AT_ONCE)

    async def _brought(self, shelf: _Shelf, count: int) -> bool:
        """The next few, at once; whether all of them were taken. What was not stays where it was.

        Each is on the shelf until it has been taken, so that `count` never says too little."""
        some = [parcel for parcel, _ in zip(shelf.parcels, range(count), strict=False)]
        taken = await asyncio.gather(*(self._bring(parcel) for parcel in some))
        for parcel, well in zip(some, taken, strict=True):
            if well or not parcel.retries():
                shelf.parcels.remove(parcel)
        return all(taken)
