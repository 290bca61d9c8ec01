"""Tells sleepers that the database changed. Polling underneath, so that a lost wake costs time, never a message."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from store.database import Database

#: How often SQLite's counter of other connections' commits is read: a few microseconds each time.
_SQLITE_STEP_S = 0.005
#: How often a sleeper looks for itself where nothing tells it.
_OTHER_STEP_S = 0.2


class Wake:
    """`listen()` gives an event that is set after each change; who waits clears it before looking."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._listeners: list[asyncio.Event] = []
        self._task: asyncio.Task[None] | None = None

    def listen(self) -> asyncio.Event:
        event = asyncio.Event()
        event.set()
        self._listeners.append(event)
        return event

    def ring(self) -> None:
        for event in self._listeners:
            event.set()

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[Wake]:
        watch = self._watch_sqlite if self._db.is_sqlite else self._watch_time
        task = asyncio.create_task(watch(), name="wake")
        try:
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _watch_sqlite(self) -> None:
        raw = self._db.engine.raw_connection()
        try:
            cursor = raw.cursor()
            seen = None
            while True:
                version = cursor.execute("PRAGMA data_version", ()).fetchone()[0]
                if version != seen:
                    seen = version
                    self.ring()
                await asyncio.sleep(_SQLITE_STEP_S)
        finally:
            raw.close()

    async def _watch_time(self) -> None:
        while True:
            self.ring()
            await asyncio.sleep(_OTHER_STEP_S)


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
