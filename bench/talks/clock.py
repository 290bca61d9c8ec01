"""One clock for both sides, so that an hour can pass between two messages."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from types import SimpleNamespace
from unittest import mock

#: Where Rasa looks at the time: to stamp events, and to see whether a session has ended.
_LOOKS = (
    "rasa.core.processor.time",
    "rasa.core.actions.two_stage_fallback.time",
    "rasa.shared.core.events.time",
    "rasa.shared.core.trackers.time",
)


class OffsetClock:
    """The machine's clock, ahead by what was waited. Satisfies `runtime.clock.Clock`."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time(), timezone.utc)

    def time(self) -> float:
        return time.time() + self.ahead_s

    def wait(self, seconds: float) -> None:
        self.ahead_s += seconds


@contextlib.contextmanager
def read_by_rasa(clock: OffsetClock) -> Iterator[None]:
    """Rasa asks the module `time`; only in a bench is it given another."""
    with contextlib.ExitStack() as stack:
        for place in _LOOKS:
            stack.enter_context(mock.patch(place, SimpleNamespace(time=clock.time)))
        yield
