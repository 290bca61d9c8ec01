"""One conversation and its surroundings at one moment, as plain values: what the search visits.

Numbers are kept as what they are compared for: whether they have moved since. So there are finitely many worlds.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from conversation.conversation import HandoverState, Status
from conversation.deadlines import Deadline
from conversation.handover import RequestState
from conversation.handover_settings import HandoverSettings, Silence

ANA, BEN = "ana", "ben"
OPERATORS = (ANA, BEN)


class There(str, Enum):
    ONLINE = "online"
    OFFLINE = "offline"
    REMOVED = "removed"


class Since(str, Enum):
    """What has moved since a turn was decided, or a row was written."""

    NOTHING = "nothing"
    SWITCHED = "switched"  # the assistant was switched off or on
    PASSED = "passed"  # the right to answer passed to or from a person


class Look(str, Enum):
    """What a turn saw when it began."""

    ANSWER = "answer"
    MUTE = "mute"  # no assistant may speak
    OWNED = "owned"  # somebody else has it, or it is silent while it waits


class RowState(str, Enum):
    QUEUED = "queued"
    CLAIMED = "claimed"
    UNKNOWN = "unknown"


class Turn(NamedTuple):
    look: Look
    since: Since = Since.NOTHING


class Row(NamedTuple):
    """A message of the assistant's. `since`: for the number it carries; `decided`: for what it was decided on."""

    state: RowState = RowState.QUEUED
    since: Since = Since.NOTHING
    decided: Since = Since.NOTHING


@dataclass(frozen=True, kw_only=True)
class Rules:
    """An account's settings that lead elsewhere."""

    name: str
    settings: HandoverSettings
    silent_while_pending: bool = False

    @property
    def sticky(self) -> bool:
        return bool(self.settings.sticky_s)


_LONG = 10 * 365 * 86_400.0
#: The usual; one that gives back by itself and never finds the last person; one whose people are asked for nothing
#: by a clock; one that hands nothing over.
RULES = (
    Rules(name="usual", settings=HandoverSettings(waiting_updates=1, sticky_s=_LONG)),
    Rules(
        name="quick",
        settings=HandoverSettings(waiting_updates=1, sticky_s=0, silence_to=Silence.ASSISTANT),
        silent_while_pending=True,
    ),
    Rules(
        name="no_clock",
        settings=HandoverSettings(
            waiting_updates=1, sticky_s=_LONG, silence_s=0, auto_return_s=0, request_ttl_s=0, waiting_update_s=0
        ),
    ),
    Rules(name="no_people", settings=HandoverSettings(waiting_updates=1, enabled=False, sticky_s=0)),
)


class World(NamedTuple):
    rules: int = 0
    state: HandoverState = HandoverState.BOT
    status: Status = Status.OPEN
    owner: str | None = None
    number: int = 0  # the ownership number; left out of the search
    nobody_answers: bool = False
    waiting: bool = False  # the customer waits for a person's word
    spoken: bool = False  # a person had it once
    last_owner: str | None = None
    unread: bool = False
    request: RequestState | None = None  # of the latest one
    told: bool = False  # who waits was told that they are not forgotten
    deadlines: frozenset[Deadline] = frozenset()
    speaks: bool = True  # the assistant is on
    ana: There = There.ONLINE
    ben: There = There.OFFLINE
    to_come: int = 3  # how often the customer will still write
    mail: tuple[bool, ...] = ()  # what waits, the oldest first: whether a person has seen it
    turn: Turn | None = None
    rows: tuple[Row, ...] = ()
    # What nobody in the house reads: what is held against the promises.
    holders: frozenset[str] = frozenset()  # who was told that it is theirs, and not yet that it is not
    unanswered: bool = False  # a message was put away, and nobody has it before them
    faults: frozenset[str] = frozenset()

    def there(self, operator: str) -> There:
        return self.ana if operator == ANA else self.ben

    def key(self) -> Hashable:
        """What tells two worlds apart for the search: nothing that leads nowhere, and which operator is which neither.

        Plain words instead of enums, whose hashes cost the most of it all.
        """
        one, other = sorted((self._persons(ANA), self._persons(BEN)))
        turn, human = self.turn, self.state is HandoverState.HUMAN
        return (
            self.rules,
            self.state._value_,
            self.status._value_,
            human and self.owner not in OPERATORS,
            self.nobody_answers,
            self.waiting,
            self.spoken and human,  # whoever comes has it from then on
            self.unread,
            self.request is RequestState.PENDING,
            self.told,
            self.speaks,
            one,
            other,
            self.to_come,
            self.mail,
            turn and (turn.look._value_, turn.look is Look.ANSWER and turn.since._value_),
            tuple((row.state._value_, row.since._value_, row.decided._value_) for row in self.rows),
            self.unanswered,
            self.faults,
        )

    def _persons(self, operator: str) -> tuple[str, bool, bool, bool]:
        """All that is known of one operator: as last owner they count only where they may be found again."""
        there = self.there(operator)
        found_again = RULES[self.rules].sticky and self.last_owner == operator and there is not There.REMOVED
        return there._value_, self.owner == operator, found_again, operator in self.holders
