"""What a request's body may hold, one struct a route. A wrong type is told; what is not named here is ignored."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from conversation.handover import Priority
from runtime.thread_orders import Control

#: What is kept in the log with a command.
Why = Annotated[str, msgspec.Meta(max_length=200)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
OtherId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Minutes = Annotated[float, msgspec.Meta(gt=0, le=60 * 24 * 366)]


class TakeBody(msgspec.Struct):
    """`ownership`: the number it was decided on. `force`: a supervisor takes what another has."""

    ownership: int | None = None
    force: bool = False


class ReplyBody(msgspec.Struct):
    """What the customer is to read, 1 to 4096 characters a message; longer text is split.

    `media`: ids of files that were uploaded for it; with one, the text may be missing. `comment`: the id of a comment,
    which is answered in private.
    """

    text: str = ""
    media: Annotated[list[int], msgspec.Meta(max_length=10)] = []
    comment: int | None = None
    ownership: int | None = None


class ReleaseBody(msgspec.Struct):
    """`answer_last`: the assistant answers the customer's last message all the same."""

    answer_last: bool = False


class TransferBody(msgspec.Struct):
    """`team`: an id or a name. `force`: a supervisor gives it to somebody offline or full too."""

    operator: str | None = None
    team: str | None = None
    force: bool = False
    note: Why | None = None


class SnoozeBody(msgspec.Struct):
    """One of the two. A time needs its zone: 2026-12-24T09:00:00-03:00."""

    until: Instant | None = None
    minutes: Minutes | None = None


class RequestBody(msgspec.Struct):
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=120)] = "operator"
    priority: Priority = Priority.MEDIUM
    team: str | None = None


class ApproveBody(msgspec.Struct):
    """Without `operator`, who approves takes it."""

    operator: str | None = None
    force: bool = False


class RejectBody(msgspec.Struct):
    note: Why | None = None


class ThreadBody(msgspec.Struct):
    """`app`: whom it is passed to, an app's id or `inbox`. `metadata` is for that app to read."""

    control: Control
    app: str | None = None
    metadata: Annotated[str, msgspec.Meta(max_length=1000)] = ""


class NoteBody(msgspec.Struct):
    text: str


class NoteChangeBody(msgspec.Struct):
    """`version`: the one that was read before; refused where it has another by now."""

    text: str
    version: int | None = None


class CannedBody(msgspec.Struct):
    """The whole reply. `account_id`: missing where it is for all accounts. `version`: the one that was read before;
    refused where it has another by now."""

    shortcut: str
    language: str
    text: str
    account_id: str | None = None
    version: int | None = None
