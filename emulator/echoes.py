"""Tells the product of what it sent itself, on the networks that do: Messenger and Instagram."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from emulator import signature
from emulator.channel import Channel
from emulator.chats import Item
from emulator.faults import FaultBook
from emulator.people import Account, People
from emulator.settings import Settings
from emulator.webhooks import Webhooks

#: A send's answer does not wait longer than this for the echo that is to come before it.
_LONGEST_FIRST_S = 5.0


class Echoes:
    """One webhook for each message that was accepted."""

    def __init__(
        self,
        channels: dict[str, Channel],
        people: People,
        webhooks: Webhooks,
        faults: FaultBook,
        settings: Callable[[], Settings],
    ) -> None:
        self._channels, self._people, self._webhooks = channels, people, webhooks
        self._faults, self._settings = faults, settings
        self._running: set[asyncio.Task[None]] = set()

    def follow(self, account: Account, item: Item) -> None:
        """By itself, after the answer."""
        if (body := self._body(account, item)) is not None:
            self._start(account, body)

    async def tell(self, account: Account, item: Item) -> None:
        """Before the answer, as long as that does not take too long."""
        if (body := self._body(account, item)) is not None:
            await asyncio.wait({self._start(account, body)}, timeout=_LONGEST_FIRST_S)

    def stop(self) -> None:
        for task in list(self._running):
            task.cancel()

    @property
    def pending(self) -> int:
        return len(self._running)

    def _body(self, account: Account, item: Item) -> bytes | None:
        if not self._settings().echoes:
            return None
        echo = self._channels[account.channel].own_echo(account, self._people.customer(item.customer), item)
        return signature.body_bytes(echo) if echo is not None else None

    def _start(self, account: Account, body: bytes) -> asyncio.Task[None]:
        task = asyncio.create_task(self._post(account, body))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    async def _post(self, account: Account, body: bytes) -> None:
        await self._webhooks.post(account, body, about="own echo", retries=lambda: self._faults.of(account.id).retries)
