"""How many wrong passwords a name may have in a row, and how long nobody signs in with it then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: So many are free; the last of them shuts the name out, for longer with each that follows.
FREE = 5
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(hours=1)
#: Nothing is remembered of a name that nobody has tried for so long.
FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Failures:
    """`many`: in a row. `until`: the end of the lock-out that the last of them led to, or when it was."""

    many: int = 0
    until: datetime | None = None

    def left_s(self, now: datetime) -> float:
        """How long nobody signs in with the name; 0: they may."""
        return 0.0 if self.until is None else max(0.0, (self.until - now).total_seconds())

    def and_one_more(self, now: datetime) -> Failures:
        forgotten = self.until is None or now >= self.until + FORGOTTEN_AFTER
        many = 1 if forgotten else self.many + 1
        return Failures(many=many, until=now + _lock_out(many))


def _lock_out(many: int) -> timedelta:
    beyond = many - FREE
    return timedelta() if beyond < 0 else min(LONGEST, SHORTEST * 2 ** min(beyond, 16))
