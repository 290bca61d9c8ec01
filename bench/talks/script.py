"""The same few messages again and again: a plain answer, a custom action, a fallback, a form; then all is as it was."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.talks.customer import Said

Event = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Line:
    kind: str
    text: str

    @property
    def said(self) -> Said:
        return Said(text=self.text)


#: After the second time round, each leaves the slots and the desk as it found them.
CYCLE = (
    Line(kind="rule", text="when are you open"),
    Line(kind="action", text="what is the weather"),
    Line(kind="fallback", text="flim flam"),
    Line(kind="fallback", text="no"),
    Line(kind="rule", text="when are you open"),
    Line(kind="form", text="book a journey to Lisbon"),
    Line(kind="form", text="we are 3"),
    Line(kind="form", text="fish for us"),
    Line(kind="form", text="yes"),
    Line(kind="form", text="no stairs please"),
)
#: What is said first after a restart.
FIRST = Line(kind="rule", text="thank you")


@dataclass(frozen=True, kw_only=True)
class Past:
    """Events as real turns left them. `begun`: a whole young session; `again`: what each further cycle adds."""

    begun: Sequence[Event]
    again: Sequence[Event]
    ends: Sequence[int]  # after how many events of `begun` a turn was over, and no form open

    def of(self, length: int) -> list[Event]:
        """A session of about so many events."""
        if length <= len(self.begun):
            return list(self.begun[: min(self.ends, key=lambda end: abs(end - length))])
        cycles = round((length - len(self.begun)) / len(self.again))
        return [*self.begun, *(event for _ in range(cycles) for event in self.again)]


def stamped(events: Sequence[Event], key: str, until: float) -> Iterator[dict[str, Any]]:
    """As they would have come, one after the other, the last at `until`; messages get ids of their own."""
    for n, event in enumerate(events):
        new = {**event, "timestamp": until - (len(events) - n) * 0.01}
        if event["event"] == "user":
            new["message_id"] = f"wamid.{zlib.crc32(f'{key}/{n}'.encode()):08x}{n}"
        yield new
