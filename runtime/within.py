"""So much time for a piece of work, and no more. (For a bell that only says "look": `runtime.wake.wait`.)

Python 3.10's own `asyncio.wait_for` forgets that it was cancelled where the work ends in the same moment: a loop that
is told to end then goes on, and whoever waits for its end waits for ever (github.com/python/cpython/issues/86296).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

T = TypeVar("T")


async def within(seconds: float, work: Awaitable[T]) -> T:
    """What the work comes to. After so many seconds `asyncio.TimeoutError`, and the work is cancelled and has ended.

    Whoever is cancelled here ends by that, always; the work has ended too, and what it came to is lost.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        await _ended(task)
        raise
    if task.done():
        return task.result()
    await _ended(task)
    if task.cancelled():
        raise asyncio.TimeoutError
    return task.result()  # in the moment it was cancelled


async def _ended(task: asyncio.Future[Any]) -> None:
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()  # nobody else asks for it
