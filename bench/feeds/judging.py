"""What each follower was told, held against the list in the database."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bench.feeds.follower import Follower
from store.tables import conversations, notices


@dataclass(frozen=True, kw_only=True)
class Row:
    """`key`: what it is told as. `account`: None where it is of none, and so for all."""

    key: int
    account: str | None


@dataclass(frozen=True, kw_only=True)
class Judged:
    told: int = 0
    missed: int = 0
    twice: int = 0
    disordered: int = 0
    not_theirs: int = 0


def rows(tx: Connection, *, by_id: bool = False) -> list[Row]:
    """The list, in its order. `by_id`: as it is where the numbers are the ids."""
    key = notices.c.id if by_id else notices.c.number
    query = sa.select(key.label("key"), conversations.c.account_id).outerjoin(
        conversations, conversations.c.id == notices.c.conversation_id
    )
    return [Row(key=row.key, account=row.account_id) for row in tx.execute(query.order_by(key))]


def judge(listed: Sequence[Row], followers: Sequence[Follower]) -> Judged:
    each = [_one(listed, follower) for follower in followers]
    return Judged(**{name: sum(getattr(one, name) for one in each) for name in Judged.__dataclass_fields__})


def _one(listed: Sequence[Row], follower: Follower) -> Judged:
    start, may_see = follower.start or 0, follower.accounts
    expected = {
        row.key
        for row in listed
        if row.key > start and (row.account is None or may_see is None or row.account in may_see)
    }
    read, told = follower.read, set(follower.read)
    return Judged(
        told=len(read),
        missed=len(expected - told),
        twice=len(read) - len(told),
        disordered=sum(later < earlier for earlier, later in itertools.pairwise(read)),
        not_theirs=len(told - expected),
    )
