"""To whom a conversation is given: the pure choice among people, and why somebody can't have one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from conversation.errors import Refused
from conversation.people import Assignment, Operator, Presence
from conversation.said import say


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Somebody who is there and may see it. `load`: the open conversations they have; `given_at`: their last one."""

    name: str
    load: int
    capacity: int
    given_at: datetime | None

    @property
    def has_room(self) -> bool:
        return self.load < self.capacity


def choose(mode: Assignment, candidates: Iterable[Candidate]) -> str | None:
    """Who is given it; None where nobody has room, or whoever wants it takes it."""
    free = [candidate for candidate in candidates if candidate.has_room]
    if mode is Assignment.HAND or not free:
        return None
    if mode is Assignment.ROUND_ROBIN:
        return min(free, key=_turn).name
    return min(free, key=lambda candidate: (Fraction(candidate.load, candidate.capacity), *_turn(candidate))).name


def _turn(candidate: Candidate) -> tuple[bool, float, str]:
    """Least recently given first, and before them who never was."""
    given_at = candidate.given_at
    return given_at is not None, given_at.timestamp() if given_at else 0.0, candidate.name


def why_not(operator: Operator, *, load: int, account_id: str, force: bool = False) -> Refused | None:
    """Why they can't be handed a conversation. `force` overrides what a person may judge better (they come back, they
    manage one more); never that they could not even see it."""
    if not operator.may_see(account_id):
        return Refused(say("{operator} does not see this account.", operator=operator.name), code="no_account")
    if force:
        return None
    if operator.presence is Presence.OFFLINE:
        return Refused(say("{operator} is offline.", operator=operator.name), code="offline")
    if load >= operator.capacity:
        has = {"operator": operator.name, "load": load, "most": operator.capacity}
        return Refused(say("{operator} has {load} of at most {most} conversations.", **has), code="full")
    return None
