"""The one shape of what is refused."""

from __future__ import annotations

from typing import TypedDict


class Told(TypedDict):
    """`code` is for programs, `message` for people, in the language that was asked for."""

    code: str
    message: str


class Failure(Told, total=False):
    """`code` is for programs, `message` for people, in the language that was asked for.

    `owner`: who has the conversation, where that is why. `rule`, `may_send`: what holds outside the channel's window.
    """

    owner: str | None
    rule: str
    may_send: list[str]


class Error(TypedDict):
    """What is answered instead, wherever something is refused."""

    error: Failure
