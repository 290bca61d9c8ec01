"""What is said on the feed's socket, both ways, one struct a message. `asyncapi.json` is made of these."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Union

import msgspec

_Name = Annotated[str, msgspec.Meta(max_length=120)]
_Id = Annotated[str, msgspec.Meta(max_length=80)]
_Number = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
_Presence = Literal["online", "away", "offline"]


class Auth(msgspec.Struct, tag="auth"):
    """The first message, within 10 seconds: an operator's token, or a ticket of `POST /api/v1/feed-tickets`.

    `after`: the id of the last event that was read; all that came after it is told. Without it what comes from now on.
    `language`: of messages for people, `pt` or `en`.
    """

    token: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    ticket: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    after: _Number | None = None
    language: Annotated[str, msgspec.Meta(max_length=20)] | None = None


class Ping(msgspec.Struct, tag="ping"):
    """Is answered with `pong`."""


class Typing(msgspec.Struct, tag="typing"):
    """The operator types in this conversation; said again every few seconds for as long as they do."""

    conversation: _Id


class Viewing(msgspec.Struct, tag="viewing"):
    """What is on this screen now; null: no conversation."""

    conversation: _Id | None


class SetPresence(msgspec.Struct, tag="presence"):
    """As `PATCH /api/v1/me` does. Whoever goes offline gives what they have to the queue."""

    presence: _Presence


class Ready(msgspec.Struct, tag="ready"):
    """The first answer. What follows begins after `last`. `heartbeat_s`: after so long without any word, a `ping` tells
    whether the line is still there."""

    last: int
    operator: _Name
    heartbeat_s: float


class Event(msgspec.Struct, tag="event", omit_defaults=True):
    """Something that is written down. Each comes once on a socket, in the order of the ids, which is the order of the
    commits; whoever resumes drops those they have seen. `message`: as `GET …/messages` shows it, where it is of one."""

    id: int
    kind: str
    conversation: str | None
    account: str | None
    facts: dict[str, Any]
    at: str
    message: dict[str, Any] | None = None


class Reset(msgspec.Struct, tag="reset"):
    """What came next is kept no longer, or this is another database than before: all must be read anew. What follows
    begins after `last`."""

    last: int


class PresenceShown(msgspec.Struct, tag="presence"):
    """Whether an operator is there, and what they look at; null: nothing that whoever is told may see."""

    operator: str
    presence: _Presence
    viewing: str | None


class TypingShown(msgspec.Struct, tag="typing"):
    """An operator types there. It holds for six seconds."""

    conversation: str
    operator: str


class Pong(msgspec.Struct, tag="pong"):
    """The line is there."""


class Failure(msgspec.Struct, tag="error"):
    """What was sent was not done: a code for programs, a message for people."""

    code: str
    message: str


Sent = Union[Auth, Ping, Typing, Viewing, SetPresence]
Told = Union[Ready, Event, Reset, PresenceShown, TypingShown, Pong, Failure]

_read = msgspec.json.Decoder(Sent)


def read(raw: bytes | str) -> Sent:
    """What a client sent, or `msgspec.ValidationError` or `DecodeError`."""
    return _read.decode(raw.encode() if isinstance(raw, str) else raw)


def written(told: Told) -> str:
    return msgspec.json.encode(told).decode()
