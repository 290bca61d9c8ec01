"""What a sign-in, tokens, and what is done to operators look like; themselves: `people.py`."""

from __future__ import annotations

from typing import Literal, TypedDict

from handover.shapes.people import Operator
from handover.shapes.words import Instant


class Token(TypedDict):
    """`kind`: a session ends by itself, a key when it is told to. `is_this`: what the request was made with. The word
    itself is shown once, when it is made."""

    id: str
    kind: Literal["key", "session"]
    label: str
    created_at: Instant
    expires_at: Instant | None
    seen_at: Instant | None
    is_this: bool


class NewToken(TypedDict):
    """`token`: the word to send as `Authorization: Bearer`; it is shown this once."""

    token: str
    token_id: str
    label: str
    expires_at: Instant | None


class SignedIn(TypedDict):
    """`token`: the word to send as `Authorization: Bearer` until `expires_at`; it is shown this once."""

    token: str
    token_id: str
    expires_at: Instant
    operator: Operator


class SignedOut(TypedDict):
    signed_out: bool


class Revoked(TypedDict):
    """How many tokens are worth nothing from now on."""

    revoked: int


class NewOperator(TypedDict):
    """`token`: the first one, shown this once; null where they sign in with a password."""

    operator: Operator
    token: str | None


class RemovedOperator(TypedDict):
    name: str
