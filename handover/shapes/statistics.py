"""How much was said, how long people waited, and what they thought of it."""

from __future__ import annotations

from typing import TypedDict

from handover.shapes.words import Instant


class Out(TypedDict):
    """Messages to customers, by who wrote them. `system`: what the rules say, as that somebody has come."""

    bot: int
    operator: int
    system: int


class Amounts(TypedDict):
    """`messages_in`: of customers. `conversations_started`: their first word. `taken`: a person came to a conversation.
    `requests`: a person was asked for; `expired`: none came in time. `failed_sends`: refused for good."""

    messages_in: int
    messages_out: Out
    conversations_started: int
    taken: int
    requests: int
    expired: int
    failed_sends: int


class Piece(Amounts):
    """One day, or hour, by the clock of `time_zone`; the first and the last may be parts of one."""

    since: Instant
    until: Instant


class Waits(TypedDict):
    """How long, in seconds: the half of them, and nine of ten, waited no longer; null where `count` is 0."""

    count: int
    median_s: float | None
    p90_s: float | None


class Alone(TypedDict):
    """`talks`: conversations that the assistant wrote in; `alone`: those of them in which no person was asked for, and
    none came or wrote; `share`: of all, null where there was none."""

    talks: int
    alone: int
    share: float | None


class Ratings(TypedDict):
    """`mean`: from 1 to 5; null where nobody gave one."""

    count: int
    mean: float | None


class Unread(TypedDict):
    """As it is now, whatever time is asked for."""

    messages: int
    conversations: int


class Statistics(TypedDict):
    """`time_zone`: by whose clock days and hours are cut; `time_zone_of`: the account whose it is, null: UTC.
    `first_human_reply`: from the wish for a person to their first word. `time_in_queue`: until it was settled.
    `billed`: messages of ours, by the category that the channel says they are billed as."""

    account_id: str | None
    time_zone: str
    time_zone_of: str | None
    since: Instant
    until: Instant
    totals: Amounts
    first_human_reply: Waits
    time_in_queue: Waits
    by_the_assistant_alone: Alone
    ratings: Ratings
    billed: dict[str, int]
    unread: Unread
    series: list[Piece]
