"""How much may be sent from an account on one day of its own time zone."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import Enum
from typing import Annotated, Any

import msgspec

from conversation.errors import BadInput
from conversation.learnt import reader
from conversation.said import say

ADay = Annotated[int, msgspec.Meta(ge=0, le=100_000_000)]


class Spent(str, Enum):
    """What is counted."""

    MESSAGES = "messages"  # every message to a customer, whoever writes it
    PAID = "paid"  # of these, approved templates and utility messages: Meta charges for each


@dataclass(frozen=True, kw_only=True)
class AccountLimits:
    """None: as many as there are. Stored as JSON, only what differs from the defaults."""

    max_messages_per_day: ADay | None = None
    max_paid_per_day: ADay | None = None

    def of(self, spent: Spent) -> int | None:
        return self.max_messages_per_day if spent is Spent.MESSAGES else self.max_paid_per_day


_NAMES = tuple(each.name for each in dataclasses.fields(AccountLimits))
_read = reader(AccountLimits)


def read(facts: Mapping[str, Any]) -> AccountLimits:
    """The defaults, and over them what is given; `BadInput` says what can't be read."""
    unknown = sorted(set(facts) - set(_NAMES))
    if unknown:
        raise BadInput(
            say("Limits have no {unknown}. There are: {known}.", unknown=", ".join(unknown), known=", ".join(_NAMES))
        )
    if not facts:
        return _DEFAULTS
    try:
        return _read(dict(facts))
    except msgspec.ValidationError as error:
        raise BadInput(say("The limits do not fit: {why}.", why=str(error))) from error


def whole(limits: AccountLimits) -> dict[str, Any]:
    """As JSON, the defaults too."""
    return {name: getattr(limits, name) for name in _NAMES}


def plain(limits: AccountLimits) -> dict[str, Any]:
    """As JSON: what differs from the defaults."""
    return {name: value for name, value in whole(limits).items() if value is not None}


def day_of(now: datetime, zone: tzinfo) -> str:
    """The day that is counted now: 2026-12-24."""
    return now.astimezone(zone).date().isoformat()


def day_begins(now: datetime, zone: tzinfo) -> datetime:
    return datetime.combine(now.astimezone(zone).date(), time(), zone)


def seconds_left(now: datetime, zone: tzinfo) -> float:
    """Until the next day begins there, also on the one when the clocks change."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return (datetime.combine(tomorrow, time(), zone) - now).total_seconds()


_DEFAULTS = AccountLimits()
