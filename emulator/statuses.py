"""Tells the product what became of its messages: sent, delivered, read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from emulator import signature
from emulator.channel import Channel
from emulator.chats import Chats, Item
from emulator.clock import clock
from emulator.faults import FaultBook, Reporting
from emulator.people import Account, People
from emulator.settings import Settings
from emulator.webhooks import Webhooks


class Statuses:
    """One small task for each message that was sent; its reports leave in order."""

    def __init__(
        self,
        channels: dict[str, Channel],
        people: People,
        chats: Chats,
        webhooks: Webhooks,
        faults: FaultBook,
        settings: Callable[[], Settings],
    ) -> None:
        self._channels = channels
        self._people = people
        self._chats = chats
        self._webhooks = webhooks
        self._faults = faults
        self._settings = settings
        self._running: set[asyncio.Task[None]] = set()

    def follow(self, account: Account, item: Item) -> None:
        reporting = self._faults.of(account.id).reporting()
        if not reporting.dropped:
            self._start(self._tell(account, item, reporting))

    def read(self, account: Account, customer: str) -> int:
        """The customer looks at the chat: everything delivered is read, the rest will be."""
        wanted = [
            item
            for item in self._chats.of(account.id, customer)
            if item.by == "business" and item.kind != "reaction" and not item.read_wanted
        ]
        for item in wanted:
            item.read_wanted = True
        seen = [item for item in wanted if item.status == "delivered"]
        if self._channels[account.channel].reads_together:
            for item in seen[:-1]:
                self._chats.set_status(item, "read")
            del seen[:-1]
        for item in seen:
            self._start(self._report(account, item, "read", Reporting()))
        return len(wanted)

    def stop(self) -> None:
        for task in list(self._running):
            task.cancel()

    @property
    def pending(self) -> int:
        return len(self._running)

    async def _tell(self, account: Account, item: Item, reporting: Reporting) -> None:
        if reporting.late_ms:
            await clock.wait(reporting.late_ms)
        await self._report(account, item, "sent", reporting)
        if item.kind == "reaction":
            return  # reactions give `sent` only [WA docs: reaction messages]
        await clock.wait(self._settings().delivered_after_ms)
        await self._report(account, item, "delivered", reporting)
        if item.read_wanted and item.status == "delivered":
            await self._report(account, item, "read", reporting)

    async def _report(self, account: Account, item: Item, status: str, reporting: Reporting) -> None:
        self._chats.set_status(item, status)
        channel = self._channels[account.channel]
        value = channel.status_value(account, self._people.customer(item.customer), item, status)
        if value is None:
            return
        body = signature.body_bytes(channel.webhook(account, value))
        for _ in range(reporting.copies):
            await self._webhooks.post(
                account, body, about=f"status {status}", retries=lambda: self._faults.of(account.id).retries
            )

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
