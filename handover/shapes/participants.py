"""Who takes part in a conversation."""

from __future__ import annotations

from typing import Annotated, TypedDict

import msgspec

from handover.shapes.words import Instant, Role

Kind = Annotated[str, msgspec.Meta(extra_json_schema={"enum": ["contact", "agent", "operator", "phone"]})]


class Stretch(TypedDict):
    """`until`: null where it lasts."""

    since: Instant
    until: Instant | None


class Participant(TypedDict):
    """`kind`: `phone` is whoever answers in the channel's own app. `role`: of an operator who is still one. `left_at`:
    null while they are there; they may have been away in between, as `stretches` say."""

    kind: Kind
    id: str
    name: str | None
    role: Role | None
    joined_at: Instant | None
    left_at: Instant | None
    stretches: list[Stretch]
