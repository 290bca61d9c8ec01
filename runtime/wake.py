"""Tells sleepers that the database changed. They look now and then all the same: a lost wake costs time, no message."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

from store import changes
from store.database import Database


class Wake:
    """`listen()` gives an event that is set after each change; who waits clears it before looking."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._listeners: list[asyncio.Event] = []

    def listen(self) -> asyncio.Event:
        event = asyncio.Event()
        event.set()
        self._listeners.append(event)
        return event

    @contextlib.contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """For who comes and goes: the event is forgotten afterwards."""
        event = self.listen()
        try:
            yield event
        finally:
            self._listeners.remove(event)

    def ring(self) -> None:
        for event in self._listeners:
            event.set()

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[Wake]:
        async with changes.told(self._db, self.ring):
            yield self


async def wait(event: asyncio.Event, timeout_s: float) -> None:
    """Until it rings, or `timeout_s` seconds; the bell is silent again afterwards.

    Not by `asyncio.wait_for`: Python 3.10's forgets that it was cancelled where the bell rings in the same moment.
    """
    timer = asyncio.get_running_loop().call_later(timeout_s, event.set)
    try:
        await event.wait()
    finally:
        timer.cancel()
    event.clear()
