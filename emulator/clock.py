"""The emulator's own time: it goes with the machine's until somebody moves it on.

Windows, media addresses, tokens, reports and repeats go by it; answers held back on purpose and time limits do not.
"""

from __future__ import annotations

import asyncio
import heapq
import time as machine
from dataclasses import dataclass, field
from typing import Any

# So long a thing that came due may take before the clock is moved past it; it goes on beside then.
_SETTLES_S = 2.0


@dataclass(order=True)
class Wait:
    """Somebody's wait for a moment. Who waits for the same one is woken in the order of coming."""

    due: float
    number: int
    over: asyncio.Future[None] = field(compare=False)
    task: asyncio.Task[Any] | None = field(compare=False)

    def wake(self) -> None:
        if not self.over.done():
            self.over.set_result(None)


class Clock:
    """One for the whole process, `clock` below: there is one Meta."""

    def __init__(self) -> None:
        self.ahead_s = 0.0
        self._waits: list[Wait] = []
        self._number = 0
        self._watched: tuple[asyncio.Task[Any], asyncio.Future[None]] | None = None

    def time(self) -> float:
        return machine.time() + self.ahead_s

    def now_ms(self) -> int:
        return int(self.time() * 1000)

    def monotonic(self) -> float:
        return machine.monotonic() + self.ahead_s

    def begin(self, ms: float) -> Wait:
        """A wait that somebody else may end by `wake`."""
        while self._waits and self._waits[0].over.done():
            heapq.heappop(self._waits)
        self._number += 1
        over = asyncio.get_running_loop().create_future()
        wait = Wait(self.monotonic() + ms / 1000, self._number, over, asyncio.current_task())
        heapq.heappush(self._waits, wait)
        self._settle(wait.task)
        return wait

    async def until(self, wait: Wait) -> None:
        """Until its moment has come, never less, or it was woken."""
        try:
            while not wait.over.done() and (left := wait.due - self.monotonic()) > 0:
                await asyncio.wait({wait.over}, timeout=left)
        finally:
            wait.over.cancel()

    async def wait(self, ms: float) -> None:
        if ms > 0:
            await self.until(self.begin(ms))

    async def advance(self, seconds: float) -> int:
        """Moves it on from one thing that is due to another, each done before the next; how many there were."""
        target, count = self.ahead_s + seconds, 0
        while self._waits and self._waits[0].due <= machine.monotonic() + target:
            wait = heapq.heappop(self._waits)
            if wait.over.done():
                continue
            self.ahead_s = max(self.ahead_s, wait.due - machine.monotonic())
            count += 1
            await self._let_go(wait)
        self.ahead_s = max(self.ahead_s, target)
        return count

    def reset(self) -> None:
        """Back to the machine's. What waits for a later moment waits that much longer: stop it first."""
        self.ahead_s = 0.0

    async def _let_go(self, wait: Wait) -> None:
        """Until whoever waited has come to an end, or waits again."""
        if wait.task is None or wait.task is asyncio.current_task():
            wait.wake()
            return
        task, settled = wait.task, asyncio.get_running_loop().create_future()
        self._watched = task, settled
        task.add_done_callback(self._settle)
        wait.wake()
        await asyncio.wait({settled}, timeout=_SETTLES_S)
        task.remove_done_callback(self._settle)
        self._watched = None

    def _settle(self, task: asyncio.Task[Any] | None) -> None:
        if self._watched is not None and self._watched[0] is task and not self._watched[1].done():
            self._watched[1].set_result(None)


clock = Clock()
