"""The people who answer: what each may do and see, whether they are there, and the teams they share a queue in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from conversation.account import AccountId

#: How often it is written down that somebody was seen: asking stays reading nearly always.
SEEN_EVERY = timedelta(seconds=20)


class Role(str, Enum):
    """From the least to the most: each may do what those before it may."""

    OPERATOR = "operator"  # takes, replies, gives back
    SUPERVISOR = "supervisor"  # also orders over others' conversations, and who is there
    ADMIN = "admin"  # may do everything

    def covers(self, needed: Role) -> bool:
        """Whether this role may do what `needed` may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)


class Presence(str, Enum):
    ONLINE = "online"  # is given conversations
    AWAY = "away"  # there, but is given none unless somebody hands them one
    OFFLINE = "offline"


class Assignment(str, Enum):
    """How a team's conversations find somebody."""

    HAND = "hand"  # whoever takes one has it
    ROUND_ROBIN = "round_robin"  # one after the other
    LEAST_BUSY = "least_busy"  # who has the smallest share of what they can do


@dataclass(frozen=True, kw_only=True)
class Operator:
    """`accounts`: those they see, where it is not all. `capacity`: so many open conversations are they given."""

    name: str
    role: Role
    all_accounts: bool = True
    accounts: frozenset[AccountId] = frozenset()
    presence: Presence = Presence.OFFLINE
    seen_at: datetime | None = None
    capacity: int = 5
    version: int = 1  # one more at each change by people

    def may_see(self, account_id: str) -> bool:
        return self.all_accounts or account_id in self.accounts


@dataclass(frozen=True, kw_only=True)
class Team:
    id: str
    name: str
    assignment: Assignment
    version: int = 1  # one more at each change by people


def needs_touch(operator: Operator, now: datetime) -> bool:
    """Whether it is time to write down that they were seen."""
    return operator.seen_at is None or now - operator.seen_at >= SEEN_EVERY
