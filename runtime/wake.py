"""Tells sleepers that the database changed. They look now and then all the same: a lost wake costs time, no message."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

from runtime.bus import BACK, CHANGED, LOST, Bus
from store import changes
from store.database import Database
from store.line import Line

#: How often who has a quicker way and has lost it looks for itself: others may use it still, and not tell by the line.
_DEAF_STEP_S = 0.2


class Wake:
    """`listen()` gives an event that is set after each change; who waits clears it before looking.

    `quicker`: a bus that tells the other processes sooner than PostgreSQL does, which is spared while that works.
    """

    def __init__(self, db: Database, *, line: Line | None = None, quicker: Bus | None = None) -> None:
        self._db, self._line, self._quicker = db, line, quicker
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
        async with contextlib.AsyncExitStack() as stack:
            if self._line is not None and self._quicker is not None:
                await stack.enter_async_context(self._telling_quicker(self._line, self._quicker))
            await stack.enter_async_context(changes.told(self._db, self.ring, self._line))
            yield self

    @contextlib.asynccontextmanager
    async def _telling_quicker(self, line: Line, bus: Bus) -> AsyncIterator[None]:
        async def tell() -> bool:
            await bus.say(CHANGED, {})
            return bus.reaches

        line.quicker = tell
        looking = asyncio.create_task(self._look_while_deaf(bus), name="deaf")
        try:
            with (
                bus.listening(CHANGED, lambda _: self.ring()),
                bus.listening(BACK, lambda _: self.ring()),
                bus.listening(LOST, lambda _: line.committed()),  # what it carried last may have got lost
            ):
                yield
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    async def _look_while_deaf(self, bus: Bus) -> None:
        while True:
            if not bus.reaches:
                self.ring()
            await asyncio.sleep(_DEAF_STEP_S)


async def wait(event: asyncio.Event, timeout_s: float) -> None:
    """Until it rings, or `timeout_s` seconds; the bell is silent again afterwards. No task is made for it.

    For a bell alone, which says "look": what else takes time, or an event that others read, is waited for `within`.
    """
    timer = asyncio.get_running_loop().call_later(timeout_s, event.set)
    try:
        await event.wait()
    finally:
        timer.cancel()
    event.clear()
