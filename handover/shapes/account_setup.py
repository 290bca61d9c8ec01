"""What is shown of an account's credentials, and when there are people."""

from __future__ import annotations

from typing import TypedDict

from handover.shapes.words import Instant


class Credentials(TypedDict):
    """That they are there; never what they are. `secrets`: how many app secrets. `version`: the account's."""

    token_set: bool
    token_expires_at: Instant | None
    secrets: int
    version: int


class Hours(TypedDict):
    """`open`: whether there are people at `at`; `opens_at`: from when on, null: never. `hours` null: always, holidays
    apart. `version`: the account's."""

    time_zone: str
    hours: dict[str, list[str]] | None
    holidays: list[str]
    at: Instant
    open: bool
    opens_at: Instant | None
    version: int
