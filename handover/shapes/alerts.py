"""A rule of who is told outside the desk."""

from __future__ import annotations

from typing import Annotated, TypedDict

from conversation.alert import CHOICES, Means, Shape
from handover.shapes.people import TeamName
from handover.shapes.words import some

Event = Annotated[str, some(CHOICES)]


class RuleSettings(TypedDict):
    """When it rings, and in what words. `chat_id` is Telegram's."""

    events: list[Event]
    language: str
    time_zone: str
    quiet_hours: list[str]
    quiet_days: list[str]
    shape: Annotated[str, some(Shape)]
    chat_id: str | None
    include_text: bool


class _Rule(RuleSettings):
    id: str
    operator: str | None
    team: TeamName | None
    means: Annotated[str, some(Means)]
    host: str | None
    after_s: int
    active: bool
    fault: str | None


class AlertRule(_Rule, total=False):
    """`host`: where it tells; the whole address is in no answer. `secret`: in the answer to who has just made it, so
    that they can check signatures; never again."""

    secret: str


class RemovedRule(TypedDict):
    """The id of a rule that is there no more."""

    id: str


class Tried(TypedDict):
    """Whether a message of a rule was taken, and else why not."""

    id: str
    told: bool
    fault: str | None
