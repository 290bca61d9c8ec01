"""What is set for the whole installation, and how it is set up."""

from __future__ import annotations

from typing import Any, TypedDict

from handover.shapes.words import Instant


class Setting(TypedDict):
    """`value`: all of it, what nobody has changed by its default; `version` 0: nobody has changed any of it."""

    name: str
    value: dict[str, Any]
    version: int
    changed_by: str | None
    changed_at: Instant | None


class Installation(TypedDict):
    """`database`: which kind. `redis`: whether processes share one. `public_url`: where Meta and links find it."""

    version: str
    channels: list[str]
    public_url: str | None
    database: str
    redis: bool


class Settings(TypedDict):
    items: list[Setting]
    installation: Installation
