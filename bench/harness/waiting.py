"""In the gateway under test: says in its log how long each order waited for what the assistant had begun.

waited 12.5 0          milliseconds, and how many requests were still under way when it was answered
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from runtime.ownership import Ownership
from store import outbox

_WORD = "waited "


def install() -> None:
    settled = Ownership._settled

    async def timed(self: Ownership, **whose: str) -> int:
        if not await self._db.read(outbox.in_flight, **whose):
            return 0
        began = time.monotonic()
        left = await settled(self, **whose)
        print(f"{_WORD}{(time.monotonic() - began) * 1000:.1f} {left}", file=sys.stderr, flush=True)
        return left

    Ownership._settled = timed  # type: ignore[method-assign]


def waits_ms(log: Path) -> Sequence[float]:
    """Those in a gateway's log."""
    lines = log.read_text("utf-8", "replace").splitlines()
    return [float(line.split()[1]) for line in lines if line.startswith(_WORD)]
