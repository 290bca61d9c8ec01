"""What can be sent from an account."""

from __future__ import annotations

from typing import Annotated, TypedDict

from conversation.outbound import Sort as ASort
from handover.shapes.words import Channel, some

Sort = Annotated[str, some(ASort)]


class Left(TypedDict):
    """How many more on this day of the account's own time zone; null: no limit is set."""

    messages: int | None
    paid: int | None


class Abilities(TypedDict):
    """`first_left`: how many more people may be written to first, in 24 moving hours; null: no limit is known."""

    id: str
    channel: Channel
    may_send: list[Sort]
    left_today: Left
    first_left: int | None
