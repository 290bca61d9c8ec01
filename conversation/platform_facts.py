"""What Meta says of a number: how good its name is, how much it may send. As it last told, by webhook or when asked."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from conversation.learnt import reader


@dataclass(frozen=True, kw_only=True)
class PlatformFacts:
    """None: it never said. Words are Meta's own, in capitals as it writes them; stored as JSON."""

    quality: str | None = None  # GREEN, YELLOW, RED, UNKNOWN
    messaging_limit: int | None = None  # contacts written to first in 24 hours
    unlimited: bool | None = None  # whether there is no such limit
    throughput: str | None = None  # STANDARD, HIGH
    display_phone_number: str | None = None
    verified_name: str | None = None
    name_status: str | None = None  # APPROVED, PENDING_REVIEW, DECLINED …
    number_status: str | None = None  # CONNECTED, PENDING, FLAGGED, RESTRICTED, BANNED …
    on_phone_app: bool | None = None  # the phone's own app is on this number too
    review: str | None = None  # of the business account: APPROVED, PENDING, REJECTED
    restriction: str | None = None  # what the account may not do just now
    restricted_until: datetime | None = None
    told_at: datetime | None = None
    heard: Mapping[str, datetime] = field(default_factory=dict)  # when news told of something last, by its name
    refresh_at: datetime | None = None  # when the platform is asked again; None: it was never asked
    templates_at: datetime | None = None  # when it last listed its templates
    token_warned: str | None = None  # of which end of the token somebody was told


_DEFAULTS = PlatformFacts()
_read = reader(PlatformFacts)


def read(facts: Mapping[str, Any]) -> PlatformFacts:
    return _read(dict(facts)) if facts else _DEFAULTS


def told(before: PlatformFacts, facts: Mapping[str, Any], at: datetime) -> PlatformFacts:
    """With what was told at a time. Each fact by itself: what is older than what is known of it changes nothing."""
    newer = {name: fact for name, fact in facts.items() if at >= before.heard.get(name, at)}
    heard = {**before.heard, **dict.fromkeys(newer, at)}
    return dataclasses.replace(before, **newer, heard=heard, told_at=max(at, before.told_at or at))


def plain(facts: PlatformFacts) -> dict[str, Any]:
    """As JSON: what was said."""
    whole: dict[str, Any] = msgspec.to_builtins(facts)
    return {name: value for name, value in whole.items() if value is not None and value != {}}
