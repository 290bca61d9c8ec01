"""What operators write for each other, and replies that are written once."""

from __future__ import annotations

from typing import TypedDict

from handover.shapes.words import Instant


class Note(TypedDict):
    id: int
    by: str
    text: str
    at: Instant | None
    version: int


class CannedReply(TypedDict):
    """`account_id`: null where it is for all."""

    id: int
    shortcut: str
    language: str
    account_id: str | None
    text: str
    by: str
    at: Instant | None
    version: int


class Removed(TypedDict):
    """The number of what is there no more."""

    id: int
