"""Waits, never for less than was asked."""

from __future__ import annotations

import asyncio
import time


async def at_least(ms: float) -> None:
    """A loop's timers may come a little early: it looks at the time when it wakes, and rounds."""
    end = time.monotonic() + ms / 1000
    while (left := end - time.monotonic()) > 0:  # noqa: ASYNC110 - it waits for a time, not for an event
        await asyncio.sleep(left)
