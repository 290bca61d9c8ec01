"""How much was said and by whom, how long people waited, and what they thought of it: counted between two instants.

The database counts by steps of one length, the longest that no piece of the time begins or ends within: it knows
nothing of zones, and on most calendars counts whole days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.conversation import HandoverState
from conversation.handover import RequestState
from conversation.message import Author, Direction, MessageStatus
from conversation.stretches import Stretches
from store.tables import conversations, handovers, messages, ratings, requests
from store.tables.columns import Instant

_SECOND = 1_000_000  # instants are kept in microseconds
#: What is counted by, the longest that fits; every zone's clock is set by quarters of an hour.
_STEPS = tuple(seconds * _SECOND for seconds in (86_400, 3_600, 1_800, 900))
_ANSWERED = (RequestState.ANSWERED.value, RequestState.APPROVED.value)
_HUMAN = HandoverState.HUMAN.value


@dataclass(frozen=True, kw_only=True)
class Waits:
    """In seconds; None where nobody waited."""

    count: int
    median_s: float | None
    p90_s: float | None


@dataclass(frozen=True, kw_only=True)
class Rated:
    count: int
    mean: float | None


@dataclass(frozen=True, kw_only=True)
class Alone:
    """Of the conversations that the assistant wrote in, those in which no person was asked for and none wrote."""

    talks: int
    alone: int


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """`series`: a counter for each piece of the time, by name; `first_reply`: from the wish for a person to their
    first word; `in_queue`: from the wish to its end, whatever that was."""

    series: Sequence[Counter[str]]
    first_reply: Waits
    in_queue: Waits
    alone: Alone
    ratings: Rated
    billed: Mapping[str, int]  # messages of ours, by what the platform says they are billed as
    unread_messages: int
    unread_conversations: int

    def total(self, name: str) -> int:
        return sum(each[name] for each in self.series)


def between(tx: Connection, stretches: Stretches, account_ids: Collection[str] | None) -> Statistics:
    """Of these accounts; None: of all."""
    series: list[Counter[str]] = [Counter() for _ in range(len(stretches))]
    whose = _Whose(account_ids)
    for name, index, count in (
        *_said(tx, stretches, whose),
        *_counted(tx, "started", conversations.c.created_at, conversations.c.id, stretches, whose),
        *_counted(tx, "taken", handovers.c.at, handovers.c.conversation_id, stretches, whose, _taken()),
        *_counted(tx, "requests", requests.c.created_at, requests.c.conversation_id, stretches, whose),
        *_counted(tx, "expired", requests.c.ended_at, requests.c.conversation_id, stretches, whose, _expired()),
    ):
        series[index][name] += count
    unread = tx.execute(
        sa.select(sa.func.coalesce(sa.func.sum(conversations.c.unread), 0), sa.func.count())
        .select_from(conversations)
        .where(conversations.c.unread > 0, whose.among(conversations.c.id))
    ).one()
    return Statistics(
        series=series,
        first_reply=_first_reply(tx, stretches, whose),
        in_queue=_in_queue(tx, stretches, whose),
        alone=_alone(tx, stretches, whose),
        ratings=_rated(tx, stretches, whose),
        billed=_billed(tx, stretches, whose),
        unread_messages=int(unread[0]),
        unread_conversations=unread[1],
    )


@dataclass(frozen=True)
class _Whose:
    account_ids: Collection[str] | None

    def among(self, conversation_id: Any) -> Any:
        """Whether a row's conversation is on one of the accounts."""
        if self.account_ids is None:
            return sa.true()
        talk = conversations.alias("talk")
        of_these = sa.and_(talk.c.id == conversation_id, talk.c.account_id.in_(list(self.account_ids)))
        return sa.exists(sa.select(talk.c.id).where(of_these))


def _within(column: Any, stretches: Stretches) -> Any:
    return sa.and_(column >= stretches.since, column < stretches.until)


@dataclass(frozen=True)
class _Steps:
    """What the database counts by: steps of `length`, one of which begins at `origin`."""

    length: int
    origin: int

    @classmethod
    def of(cls, stretches: Stretches) -> _Steps:
        inner = [_kept(bound) for bound in stretches.bounds[1:-1]] or [_kept(stretches.since)]
        fits = (step for step in _STEPS if all((bound - inner[0]) % step == 0 for bound in inner))
        # From before all that is counted, for the two databases divide what is below nothing in different ways.
        length = next(fits, _STEPS[-1])
        return cls(length, inner[0] - length * (1 + (inner[0] - _kept(stretches.since)) // length))

    def number(self, at: Any) -> Any:
        since = sa.type_coerce(at, sa.BigInteger) - sa.literal_column(str(self.origin))
        return since.op("/", precedence=8)(sa.literal_column(str(self.length)))

    def index(self, number: int, stretches: Stretches) -> int:
        """Which piece of the time this step is in."""
        began = Instant().process_result_value(self.origin + number * self.length, None)
        assert began is not None
        return stretches.index(began)


def _kept(at: datetime) -> int:
    kept = Instant().process_bind_param(at, None)
    assert kept is not None
    return kept


def _said(tx: Connection, stretches: Stretches, whose: _Whose) -> Iterator[tuple[str, int, int]]:
    steps, failed = _Steps.of(stretches), messages.c.status == MessageStatus.FAILED.value
    step = steps.number(messages.c.at)
    query = (
        sa.select(step, messages.c.direction, messages.c.author, failed, sa.func.count())
        .where(_within(messages.c.at, stretches), whose.among(messages.c.conversation_id))
        .group_by(step, messages.c.direction, messages.c.author, failed)
    )
    for number, direction, author, has_failed, count in tx.execute(query):
        index = steps.index(number, stretches)
        yield ("in" if direction == Direction.INBOUND.value else author), index, count
        if has_failed and direction == Direction.OUTBOUND.value:
            yield "failed", index, count


def _counted(
    tx: Connection,
    name: str,
    at: Any,
    conversation_id: Any,
    stretches: Stretches,
    whose: _Whose,
    which: Any = None,
) -> Iterator[tuple[str, int, int]]:
    steps = _Steps.of(stretches)
    step = steps.number(at)
    query = sa.select(step, sa.func.count()).where(_within(at, stretches), whose.among(conversation_id))
    if which is not None:
        query = query.where(which)
    for number, count in tx.execute(query.group_by(step)):
        yield name, steps.index(number, stretches), count


def _taken() -> Any:
    return sa.and_(handovers.c.after == _HUMAN, handovers.c.before != _HUMAN)


def _expired() -> Any:
    return requests.c.state == RequestState.EXPIRED.value


def _first_reply(tx: Connection, stretches: Stretches, whose: _Whose) -> Waits:
    said = (
        sa.select(sa.func.min(messages.c.at))
        .where(
            messages.c.conversation_id == requests.c.conversation_id,
            messages.c.author == Author.OPERATOR.value,
            messages.c.at >= requests.c.created_at,
        )
        .scalar_subquery()
    )
    rows = tx.execute(
        sa.select(requests.c.created_at, sa.type_coerce(said, Instant())).where(
            _within(requests.c.created_at, stretches),
            requests.c.state.in_(_ANSWERED),
            whose.among(requests.c.conversation_id),
        )
    )
    return _waits([said_at - asked_at for asked_at, said_at in rows if said_at is not None])


def _in_queue(tx: Connection, stretches: Stretches, whose: _Whose) -> Waits:
    rows = tx.execute(
        sa.select(requests.c.created_at, requests.c.ended_at).where(
            _within(requests.c.created_at, stretches),
            requests.c.ended_at.is_not(None),
            whose.among(requests.c.conversation_id),
        )
    )
    return _waits([ended_at - asked_at for asked_at, ended_at in rows])


def _waits(found: Sequence[timedelta]) -> Waits:
    waited = sorted(each.total_seconds() for each in found)
    return Waits(count=len(waited), median_s=_quantile(waited, 0.5), p90_s=_quantile(waited, 0.9))


def _quantile(ordered: Sequence[float], share: float) -> float | None:
    """Between two, in proportion."""
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return round(ordered[low] + (ordered[high] - ordered[low]) * (place - low), 3)


def _alone(tx: Connection, stretches: Stretches, whose: _Whose) -> Alone:
    talks = _talks_of(Author.BOT, stretches).where(whose.among(messages.c.conversation_id)).subquery()
    asked = sa.select(requests.c.conversation_id).where(_within(requests.c.created_at, stretches))
    had = sa.select(handovers.c.conversation_id).where(_within(handovers.c.at, stretches), handovers.c.after == _HUMAN)
    people = sa.union(_talks_of(Author.OPERATOR, stretches), asked, had)
    by_person: Any = sa.case((talks.c.conversation_id.in_(people), 1), else_=0)
    count, with_people = tx.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(by_person), 0)).select_from(talks)
    ).one()
    return Alone(talks=count, alone=count - int(with_people))


def _talks_of(author: Author, stretches: Stretches) -> Any:
    said = sa.and_(_within(messages.c.at, stretches), messages.c.author == author.value)
    return sa.select(messages.c.conversation_id).where(said).distinct()


def _rated(tx: Connection, stretches: Stretches, whose: _Whose) -> Rated:
    count, mean = tx.execute(
        sa.select(sa.func.count(), sa.func.avg(ratings.c.score)).where(
            _within(ratings.c.at, stretches), ratings.c.score.is_not(None), whose.among(ratings.c.conversation_id)
        )
    ).one()
    return Rated(count=count, mean=None if mean is None else round(float(mean), 2))


def _billed(tx: Connection, stretches: Stretches, whose: _Whose) -> Mapping[str, int]:
    category = messages.c.pricing["category"].as_string()
    told = sa.and_(messages.c.pricing.is_not(None), category.is_not(None))
    query = sa.select(category, sa.func.count()).where(
        told, _within(messages.c.at, stretches), whose.among(messages.c.conversation_id)
    )
    return {str(name): count for name, count in tx.execute(query.group_by(category).order_by(category))}
