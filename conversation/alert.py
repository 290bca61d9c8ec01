"""Who is told outside the desk, of what, when and how: pure rules. A rule is an operator's own, or a team's."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from functools import lru_cache
from typing import Any, NewType

import msgspec

from conversation.conversation import Conversation, HandoverState
from conversation.errors import BadInput
from conversation.learnt import reader
from conversation.quiet_hours import QuietHours
from conversation.said import say

RuleId = NewType("RuleId", str)


class Event(str, Enum):
    REQUESTED = "requested"  # a person was asked for
    WAITING = "waiting"  # the same, and nobody has come since: what a rule with `after_s` makes of it
    VANISHED = "vanished"  # whose conversation it was is gone, and it is in the queue again
    TRANSFERRED = "transferred"  # to this operator, or to this team
    MESSAGE = "message"  # a customer wrote to the operator who has the conversation
    EXPIRED = "expired"  # nobody came in time
    FAILED = "failed"  # a message was not sent
    PARKED = "parked"  # the assistant failed on a message three times
    ACCOUNT = "account"  # nothing can be sent for an account until somebody mends it
    TEST = "test"  # somebody tries a rule out


#: What a rule may be for; the others follow from these.
CHOICES = tuple(event for event in Event if event not in (Event.WAITING, Event.TEST))
#: Of these the whole queue is told, and only for as long as the customer waits in it.
OF_THE_QUEUE = frozenset({Event.REQUESTED, Event.WAITING, Event.VANISHED})
#: Somebody who writes ten lines rings once, and again after so long.
MESSAGE_GAP = timedelta(minutes=2)
URGENT = "urgent"


class Means(str, Enum):
    WEBHOOK = "webhook"
    EMAIL = "email"


class Shape(str, Enum):
    """What a webhook's body looks like."""

    JSON = "json"
    SLACK = "slack"
    TELEGRAM = "telegram"
    NTFY = "ntfy"


@dataclass(frozen=True, kw_only=True)
class RuleSettings:
    """Stored as JSON."""

    events: tuple[Event, ...] = CHOICES
    language: str = "pt"
    time_zone: str = "America/Sao_Paulo"
    quiet_hours: tuple[str, ...] = ()  # "22:00-07:00", every day, by `time_zone`
    quiet_days: tuple[str, ...] = ()  # "sunday"
    shape: Shape = Shape.JSON
    chat_id: str | None = None  # Telegram's
    include_text: bool = False  # the customer's words and number too: they leave for wherever the rule tells

    @property
    def quiet(self) -> QuietHours:
        return _quiet(self.time_zone, self.quiet_hours, self.quiet_days)


_read = reader(RuleSettings)


@lru_cache(maxsize=256)
def _quiet(time_zone: str, hours: tuple[str, ...], days: tuple[str, ...]) -> QuietHours:
    return QuietHours.read(time_zone=time_zone, hours=hours, days=days)


@dataclass(frozen=True, kw_only=True)
class AlertRule:
    """`after_s`: told only if nobody has reacted by then. Who is next, and next but one: rules with more of it."""

    id: RuleId
    means: Means
    operator: str | None = None
    team_id: str | None = None
    settings: RuleSettings = field(default_factory=RuleSettings)
    after_s: int = 0
    active: bool = True
    fault: str | None = None  # why the last one did not arrive


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """What has happened, and whose it is: `owner` has the conversation, or is meant to; `team_id`: in whose queue."""

    event: Event
    team_id: str | None = None
    owner: str | None = None


@dataclass(frozen=True, kw_only=True)
class Audience:
    """Who there is: operators who may see the account, and the members of each team."""

    sees: Collection[str]
    members: Mapping[str, Collection[str]]

    def in_team(self, operator: str, team_id: str | None) -> bool:
        return team_id is None or operator in self.members.get(team_id, ())

    def any_sees(self, team_id: str) -> bool:
        return any(member in self.sees for member in self.members.get(team_id, ()))


def applies(rule: AlertRule, occasion: Occasion, audience: Audience) -> bool:
    """Whether this rule tells of it. Nobody is told of an account they may not see."""
    if not rule.active or occasion.event not in rule.settings.events:
        return False
    if rule.operator is not None:
        return rule.operator in audience.sees and _concerns_operator(rule.operator, occasion, audience)
    return rule.team_id is not None and audience.any_sees(rule.team_id) and _concerns_team(rule.team_id, occasion)


def _concerns_operator(operator: str, occasion: Occasion, audience: Audience) -> bool:
    if occasion.event in OF_THE_QUEUE or occasion.owner is None:
        return audience.in_team(operator, occasion.team_id)
    return occasion.owner == operator


def _concerns_team(team_id: str, occasion: Occasion) -> bool:
    if occasion.event in OF_THE_QUEUE or occasion.owner is None:
        return occasion.team_id in (None, team_id)
    return False  # it is one person's


def told_as(rule: AlertRule, event: Event) -> Event:
    """A request that is told of late is told of as a wait."""
    return Event.WAITING if event is Event.REQUESTED and rule.after_s else event


def due_at(rule: AlertRule, now: datetime, *, priority: str | None) -> datetime:
    """When it is to be told: after the rule's delay, and not in its quiet hours unless it is urgent."""
    due = now + timedelta(seconds=rule.after_s)
    return due if priority == URGENT else rule.settings.quiet.over(due)


def still_true(event: Event, owner: str | None, conversation: Conversation) -> bool:
    """Asked at the last moment: what somebody has seen to meanwhile is not told any more."""
    if event in OF_THE_QUEUE:
        return conversation.state is HandoverState.PENDING
    if event is Event.TRANSFERRED and owner is None:
        return conversation.state is HandoverState.PENDING
    if event is Event.TRANSFERRED:
        return conversation.owner == owner
    if event is Event.MESSAGE:
        return conversation.owner == owner and conversation.unread > 0
    return True


def read_settings(given: Mapping[str, Any]) -> RuleSettings:
    """The defaults, and over them what is given; `BadInput` says what can't be read."""
    unknown = sorted(set(given) - {each.name for each in dataclasses.fields(RuleSettings)})
    if unknown:
        raise BadInput(say("A rule has no {unknown}.", unknown=", ".join(unknown)))
    try:
        settings = _read(dict(given))
    except msgspec.ValidationError as error:
        raise BadInput(say("The rule does not fit: {why}.", why=str(error))) from error
    check(settings)
    return settings


def plain(settings: RuleSettings) -> dict[str, Any]:
    made: dict[str, Any] = msgspec.to_builtins(settings)
    return made


def check(settings: RuleSettings) -> None:
    """Raises `BadInput` for what would only show when somebody should have been told."""
    if not settings.events or not set(settings.events) <= set(CHOICES):
        raise BadInput(say("events are some of {known}.", known=", ".join(event.value for event in CHOICES)))
    if settings.language not in ("pt", "en"):
        raise BadInput(say("language is pt or en."))
    if settings.shape is Shape.TELEGRAM and not settings.chat_id:
        raise BadInput(say("Telegram needs a chat_id: whom the bot is to write to."))
    _ = settings.quiet
