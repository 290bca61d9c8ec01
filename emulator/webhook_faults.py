"""What goes wrong between Meta and the product: webhooks doubled, shuffled, joined, slow, cut off."""

from __future__ import annotations

import dataclasses
import random
from dataclasses import dataclass

from emulator.fields import Faulty, Fields, Json

#: Where a connection ends: before a byte is said, in the body, before the answer is read, or by a reset after the body.
CUTS = ("before", "body", "answer", "reset")
MOST_JOINED = 1000  # updates in one body [WA docs: webhooks]


@dataclass(frozen=True, kw_only=True)
class Mishap:
    """How one attempt goes."""

    copies: int = 1  # at the same time
    cut: str = ""
    bytes_per_s: int = 0  # 0: as fast as it goes


@dataclass(frozen=True, kw_only=True)
class WebhookFaults:
    """`gather` collects that many bodies, or what came within `gather_ms`, before any of them leaves."""

    doubled_rate: float = 0.0
    copies: int = 2
    gather: int = 1
    gather_ms: int = 500
    shuffled: bool = False
    joined: bool = False  # into one body
    at_once: int = 0  # so many of what was gathered at a time; 0: all
    bytes_per_s: int = 0
    cut: str = ""
    cut_rate: float = 1.0
    cut_times: int = 0  # 0: without an end

    def draw(self, dice: random.Random, cuts_done: int) -> Mishap:
        # Both are always thrown, so that one rate does not move what the other hits.
        doubled, cut = dice.random() < self.doubled_rate, dice.random() < self.cut_rate
        if self.cut_times and cuts_done >= self.cut_times:
            cut = False
        return Mishap(copies=self.copies if doubled else 1, cut=self.cut if cut else "", bytes_per_s=self.bytes_per_s)

    def shown(self) -> Json | None:
        return None if self == WebhookFaults() else dataclasses.asdict(self)


def read(fields: Fields, key: str) -> WebhookFaults:
    """Whole each time: what is not given is as it would be without faults."""
    raw = fields.any(key)
    if raw is None:
        return WebhookFaults()
    inner = Fields(raw, key)
    cut = inner.text("cut", "")
    if cut and cut not in CUTS:
        inner.fault("cut", f"must be one of: {', '.join(CUTS)}")
    faults = WebhookFaults(
        doubled_rate=inner.number("doubled_rate", 0.0, high=1.0),
        copies=inner.whole("copies", 2, low=2, high=1000),
        gather=inner.whole("gather", 1, low=1, high=MOST_JOINED),
        gather_ms=inner.whole("gather_ms", 500, low=1, high=600_000),
        shuffled=inner.flag("shuffled", False),
        joined=inner.flag("joined", False),
        at_once=inner.whole("at_once", 0, high=MOST_JOINED),
        bytes_per_s=inner.whole("bytes_per_s", 0),
        cut=cut,
        cut_rate=inner.number("cut_rate", 1.0, high=1.0),
        cut_times=inner.whole("cut_times", 0),
    )
    try:
        inner.finish()
    except Faulty as faulty:
        fields.problems += faulty.problems
    return faults
