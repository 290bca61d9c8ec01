"""What an address may ask for after its `?`, one struct a route. What is not named here is ignored."""

from __future__ import annotations

from typing import Annotated

import msgspec

from conversation.handover import RequestState

#: How much of a list at once.
Limit = Annotated[int, msgspec.Meta(ge=1, le=200)]


class WaitingQuery(msgspec.Struct):
    """`account`: an id. `team`: an id or a name."""

    account: str | None = None
    team: str | None = None
    limit: Limit = 100


class RequestsQuery(msgspec.Struct):
    """`after`: the `next` of the page before."""

    state: RequestState | None = None
    after: Annotated[int, msgspec.Meta(ge=0)] | None = None
    limit: Limit = 50


class NoticesQuery(msgspec.Struct):
    """`after`: a number. `wait`: so many seconds for something to happen, 25 at most."""

    after: Annotated[int, msgspec.Meta(ge=0)] | None = None
    wait: Annotated[int, msgspec.Meta(ge=0)] = 0


class UploadQuery(msgspec.Struct):
    """`conversation`: the one that the file is for."""

    conversation: str
