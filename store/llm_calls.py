"""What requests to language models came to: tokens, cost, and how many had no answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.tables import conversations, llm_calls

#: The outcome of a request that words came of. Every other one is a failure.
ANSWERED = "answered"


@dataclass(frozen=True, kw_only=True)
class Spent:
    """`cost`: in millionths of a US dollar. `failures`: how often each outcome but an answer."""

    tokens_in: int = 0
    tokens_out: int = 0
    cost: int = 0
    failures: Mapping[str, int] = field(default_factory=dict)


def add(
    tx: Connection,
    *,
    agent_id: str,
    conversation_id: str | None,
    model: str,
    outcome: str,
    tokens_in: int,
    tokens_out: int,
    cost: int,
    ms: int,
    at: datetime,
) -> None:
    """`conversation_id` None: somebody tried the agent out."""
    tx.execute(
        llm_calls.insert().values(
            agent_id=agent_id,
            conversation_id=conversation_id,
            model=model,
            outcome=outcome,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost=cost,
            ms=ms,
            at=at,
        )
    )


def tokens_since(tx: Connection, agent_id: str, since: datetime) -> int:
    """All that it was asked and has answered, trials too."""
    both = llm_calls.c.tokens_in + llm_calls.c.tokens_out
    of_it = sa.and_(llm_calls.c.agent_id == agent_id, llm_calls.c.at >= since)
    return int(tx.execute(sa.select(sa.func.coalesce(sa.func.sum(both), 0)).where(of_it)).scalar_one())


def of_agent(tx: Connection, agent_id: str, since: datetime, *, account_ids: Collection[str] | None = None) -> Spent:
    """On these accounts; None: on all, and what was tried out."""
    which = [llm_calls.c.agent_id == agent_id, llm_calls.c.at >= since]
    if account_ids is not None:
        theirs = sa.select(conversations.c.id).where(conversations.c.account_id.in_(list(account_ids)))
        which.append(llm_calls.c.conversation_id.in_(theirs))
    rows = tx.execute(
        sa.select(llm_calls.c.outcome, *_SUMS, sa.func.count()).where(*which).group_by(llm_calls.c.outcome)
    )
    return _spent(rows.all())


def of_session(tx: Connection, conversation_id: str, agent_id: str, since: datetime) -> Spent:
    """What one agent has cost in a conversation since then."""
    which = (
        llm_calls.c.conversation_id == conversation_id,
        llm_calls.c.agent_id == agent_id,
        llm_calls.c.at >= since,
    )
    rows = tx.execute(
        sa.select(llm_calls.c.outcome, *_SUMS, sa.func.count()).where(*which).group_by(llm_calls.c.outcome)
    )
    return _spent(rows.all())


_SUMS = [sa.func.sum(column) for column in (llm_calls.c.tokens_in, llm_calls.c.tokens_out, llm_calls.c.cost)]


def _spent(rows: Sequence[Any]) -> Spent:
    failures = Counter({outcome: count for outcome, *_, count in rows if outcome != ANSWERED})
    sums = [sum(int(row[place]) for row in rows) for place in (1, 2, 3)]
    return Spent(tokens_in=sums[0], tokens_out=sums[1], cost=sums[2], failures=dict(failures))
