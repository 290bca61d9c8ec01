"""What processes tell each other and nobody keeps: who is there, who types, that something changed.

Best effort: what is said while the others can't be reached is lost to them, so nobody builds on it what must be kept.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, Protocol

import structlog

log = structlog.get_logger()

Heard = Callable[[Mapping[str, Any]], None]

#: Said by the bus itself, to this process alone, each time it reaches the others again: who has something that they
#: should know says it once more.
BACK = "back"
#: In the same way, when it reaches them no more.
LOST = "lost"
#: Somebody committed. Said where that is the quickest way to tell: see `wake.py`.
CHANGED = "changed"
#: So long is waited, at the end, for what was said to leave.
_PATIENCE_S = 0.5


class Bus(Protocol):
    @property
    def reaches(self) -> bool:
        """Whether the other processes hear what is said now."""
        ...

    async def say(self, topic: str, facts: Mapping[str, Any]) -> None:
        """To every process: in this one at once, in others soon or never. Raises nothing, waits for nobody."""
        ...

    def listening(self, topic: str, heard: Heard) -> contextlib.AbstractContextManager[None]:
        """`heard` is called on the loop for what is said on the topic, for as long as the context is open."""
        ...

    async def run(self) -> None:
        """Until cancelled."""
        ...

    async def settled(self) -> None:
        """What was said has left this process, or is given up: waits half a second at most."""
        ...


class LocalBus:
    """Within this process; what reaches others begins with it."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[Heard]] = {}

    @property
    def reaches(self) -> bool:
        return True

    async def say(self, topic: str, facts: Mapping[str, Any]) -> None:
        self.heard(topic, facts)
        self.tell(topic, facts)

    def tell(self, topic: str, facts: Mapping[str, Any]) -> None:
        """To the other processes, of which there are none here."""

    @contextlib.contextmanager
    def listening(self, topic: str, heard: Heard) -> Iterator[None]:
        listeners = self._listeners.setdefault(topic, [])
        listeners.append(heard)
        try:
            yield
        finally:
            listeners.remove(heard)

    async def run(self) -> None:
        await asyncio.Event().wait()

    async def settled(self) -> None:
        """It has not far to go."""

    def heard(self, topic: str, facts: Mapping[str, Any]) -> None:
        """One that fails keeps it from no other, nor from who says it."""
        for listener in list(self._listeners.get(topic, ())):
            try:
                listener(facts)
            except Exception as error:
                log.error("bus_listener_failed", topic=topic, error=type(error).__name__, exc_info=True)


@contextlib.asynccontextmanager
async def running(bus: Bus) -> AsyncIterator[None]:
    """It reaches the others for as long as the context is open."""
    task = asyncio.create_task(bus.run(), name="bus")
    try:
        yield
    finally:
        await bus.settled()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(fact: Callable[[], bool]) -> None:
    """For what is about to be said: soon, or not at all."""
    deadline = asyncio.get_running_loop().time() + _PATIENCE_S
    while not fact() and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110 - at the end only, and seldom
        await asyncio.sleep(0.005)
