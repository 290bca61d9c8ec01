"""Templates of a business account, what customers can read of the business, and what Meta says of its number."""

from __future__ import annotations

from typing import Any, TypedDict

from handover.shapes.words import Instant


class Template(TypedDict):
    """`status`, `category`, `quality`, `reason`: in Meta's words. `text`: what it says, as people read it;
    `components`: the same as Meta has it. `missing_since`: not in Meta's list any more."""

    id: str
    name: str
    language: str
    category: str
    status: str
    quality: str | None
    reason: str | None
    text: str
    components: list[Any]
    updated_at: Instant
    missing_since: Instant | None


class SyncedTemplates(TypedDict):
    """`count`: how many Meta lists; the others: what that changed."""

    count: int
    added: int
    changed: int
    missing: int


class RemovedTemplates(TypedDict):
    """`count`: in how many languages it was."""

    name: str
    count: int


class BusinessProfile(TypedDict, total=False):
    """What is set, by Meta's names."""

    about: str
    address: str
    description: str
    email: str
    profile_picture_url: str
    vertical: str
    websites: list[str]


class NumberFacts(TypedDict):
    """What Meta says of a number, in its words; null: it never said. `messaging_limit`: contacts that may be written to
    first in 24 hours, null where `unlimited`. `told_at`: when it last said any of it."""

    quality: str | None
    messaging_limit: int | None
    unlimited: bool | None
    throughput: str | None
    display_phone_number: str | None
    verified_name: str | None
    name_status: str | None
    number_status: str | None
    on_phone_app: bool | None
    review: str | None
    restriction: str | None
    restricted_until: Instant | None
    told_at: Instant | None
