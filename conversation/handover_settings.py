"""How an account hands over: what happens when a person is asked for, comes, is silent, and gives back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Annotated, Any

import msgspec

from conversation.errors import BadInput
from conversation.learnt import reader
from conversation.opening import OpeningHours
from conversation.said import say


class Announce(str, Enum):
    """How a customer hears that a person has come, or that the assistant is back."""

    OFF = "off"
    JOINED = "joined"  # at the head of the next message, which costs no message of its own
    MESSAGE = "message"  # at once, in a message of its own


class Silence(str, Enum):
    """To whom a conversation goes whose owner has let the customer wait too long."""

    QUEUE = "queue"
    ASSISTANT = "assistant"


Seconds = Annotated[float, msgspec.Meta(ge=0)]


@dataclass(frozen=True, kw_only=True)
class HandoverSettings:
    """An account's; times in seconds, 0: never. Stored as JSON, only what differs from the defaults."""

    enabled: bool = True  # off: a wish for a person is recorded, and the customer told how else to reach the shop
    other_ways: Mapping[str, str] = field(default_factory=dict)  # by language: how else to reach the shop
    off_opens_request: bool = True  # a message that no assistant may answer asks for a person
    team: str | None = None  # whose queue requests go to; None: everybody's
    request_ttl_s: Seconds = 14_400.0  # open hours after which a request nobody took expires
    sticky_s: Seconds = 3_600.0  # who writes again so soon after the end goes to the person they had
    silence_s: Seconds = 1_800.0  # so long may an owner let a customer wait
    silence_to: Silence = Silence.QUEUE
    auto_return_s: Seconds = 43_200.0  # so long after the owner's last word the assistant has it again
    phone_return_s: Seconds = 14_400.0  # the same for one who answers on the phone's own app
    waiting_update_s: Seconds = 900.0  # how often one who waits is told that they are not forgotten
    waiting_updates: Annotated[int, msgspec.Meta(ge=0)] = 3  # and how many times at most
    announce_arrival: Announce = Announce.JOINED
    announce_return: Announce = Announce.JOINED
    ask_rating: bool = False  # at the end, where the window is open
    return_word: str | None = None  # typed on the phone's own app: gives the conversation back
    language: str | None = None  # of customers whose language nobody could tell; nothing is joined to theirs without it
    time_zone: str = "America/Sao_Paulo"
    hours: Mapping[str, list[str]] | None = None  # when there are people, by weekday; None: always
    holidays: list[str] = field(default_factory=list)  # "2026-12-25", or every year "12-25"

    @property
    def opening(self) -> OpeningHours:
        """When there are people. Raises `BadInput` where it can't be read."""
        week = None if self.hours is None else tuple(sorted((day, tuple(spans)) for day, spans in self.hours.items()))
        return _opening(self.time_zone, week, tuple(self.holidays))


@lru_cache(maxsize=256)
def _opening(
    time_zone: str, week: tuple[tuple[str, tuple[str, ...]], ...] | None, holidays: tuple[str, ...]
) -> OpeningHours:
    return OpeningHours.read(time_zone=time_zone, week=None if week is None else dict(week), holidays=holidays)


_IN_ORDER = [each.name for each in dataclasses.fields(HandoverSettings)]
_NAMES = set(_IN_ORDER)
_read = reader(HandoverSettings)


def read(facts: Mapping[str, Any]) -> HandoverSettings:
    """The defaults, and over them what is given; `BadInput` says what can't be read."""
    unknown = sorted(set(facts) - _NAMES)
    if unknown:
        facts_told = {"unknown": ", ".join(unknown), "names": ", ".join(sorted(_NAMES))}
        raise BadInput(say("Handover settings have no {unknown}. There are: {names}.", **facts_told))
    if not facts:
        return _DEFAULTS
    try:
        made = _read(dict(facts))
    except msgspec.ValidationError as error:
        raise BadInput(say("The handover settings do not fit: {why}.", why=str(error))) from error
    _ = made.opening  # a fault in the hours is told now, and not when the first customer waits
    return made


def whole(settings: HandoverSettings) -> dict[str, Any]:
    """As JSON, the defaults too."""
    return {name: msgspec.to_builtins(getattr(settings, name)) for name in _IN_ORDER}


def plain(settings: HandoverSettings) -> dict[str, Any]:
    """As JSON: what differs from the defaults."""
    changed = [name for name in _IN_ORDER if getattr(settings, name) != getattr(_DEFAULTS, name)]
    return {name: value for name, value in whole(settings).items() if name in changed}


_DEFAULTS = HandoverSettings()
