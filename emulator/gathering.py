"""Holds webhooks back until some have come together, then lets them go: shuffled, joined, so many at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from emulator.faults import FaultBook
from emulator.parcels import Outcome, Parcel, joined


class Gathering:
    """Of each account's own; who is waited for hears by the parcel's `outcome`."""

    def __init__(self, faults: FaultBook, post: Callable[[Parcel], Awaitable[None]]) -> None:
        self._faults = faults
        self._post = post
        self._held: dict[str, list[Parcel]] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    def put(self, parcel: Parcel) -> None:
        account = parcel.account.id
        faults = self._faults.of(account).webhooks
        held = self._held.setdefault(account, [])
        held.append(parcel)
        if len(held) >= faults.gather:
            self._let_go(account)
        elif account not in self._timers:
            loop = asyncio.get_running_loop()
            self._timers[account] = loop.call_later(faults.gather_ms / 1000, self._let_go, account)

    def stop(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        for task in list(self._leaving):
            task.cancel()
        for parcel in [parcel for held in self._held.values() for parcel in held]:
            parcel.came(Outcome(status=0, ms=0.0, problem="forgotten before it left"))
        self._timers.clear()
        self._held.clear()

    def _let_go(self, account: str) -> None:
        if (timer := self._timers.pop(account, None)) is not None:
            timer.cancel()
        parcels = self._held.pop(account, [])
        task = asyncio.create_task(self._leave(account, parcels))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _leave(self, account: str, parcels: list[Parcel]) -> None:
        faults = self._faults.of(account)
        if faults.webhooks.shuffled:
            faults.webhook_dice.shuffle(parcels)
        if faults.webhooks.joined:
            parcels = joined(parcels)
        turns = asyncio.Semaphore(faults.webhooks.at_once or len(parcels) or 1)

        async def one(parcel: Parcel) -> None:
            async with turns:
                await self._post(parcel)

        await asyncio.gather(*(one(parcel) for parcel in parcels))
