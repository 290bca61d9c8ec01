"""How much an agent had to do: on the accounts that it has now, since an instant."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.gate import Answer
from conversation.message import Author, Direction
from store import llm_calls
from store.llm_calls import Spent
from store.tables import accounts, conversations, messages

_ACTIVE = timedelta(hours=1)
#: What the assistant says later than this after the customer's word is a reminder, not the answer to it.
_LATEST_ANSWER = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class AgentStatistics:
    """`conversations`: in which a customer wrote. `messages`: what customers wrote; `answered`: how much of it the
    assistant was to answer. `average_response_ms`: from the last that the customer wrote to the first it said; None:
    it said nothing. `active_sessions`: in which a customer wrote within the last hour."""

    conversations: int
    messages: int
    answered: int
    average_response_ms: int | None
    active_sessions: int
    spent: Spent


def of_agent(
    tx: Connection, agent_id: str, *, since: datetime, now: datetime, account_ids: Collection[str] | None = None
) -> AgentStatistics:
    """Of these accounts; None: of all."""
    its = sa.select(conversations.c.id).join(accounts, accounts.c.id == conversations.c.account_id)
    its = its.where(accounts.c.agent_id == agent_id)
    if account_ids is not None:
        its = its.where(accounts.c.id.in_(list(account_ids)))
    inbound = sa.and_(
        messages.c.at >= since,
        messages.c.direction == Direction.INBOUND.value,
        messages.c.conversation_id.in_(its),
    )
    was_answered: Any = sa.case((messages.c.verdict == Answer.ANSWER.value, 1), else_=0)
    talks, wrote, answered = tx.execute(
        sa.select(
            sa.func.count(sa.distinct(messages.c.conversation_id)),
            sa.func.count(),
            sa.func.coalesce(sa.func.sum(was_answered), 0),
        ).where(inbound)
    ).one()
    active = its.where(conversations.c.last_inbound_at > now - _ACTIVE).subquery()
    return AgentStatistics(
        conversations=talks,
        messages=wrote,
        answered=int(answered),
        average_response_ms=_average_response_ms(tx, its, since),
        active_sessions=tx.execute(sa.select(sa.func.count()).select_from(active)).scalar_one(),
        spent=llm_calls.of_agent(tx, agent_id, since, account_ids=account_ids),
    )


def _average_response_ms(tx: Connection, its: Any, since: datetime) -> int | None:
    """Over what the assistant said just after something that it was to answer."""
    in_order = {"partition_by": messages.c.conversation_id, "order_by": messages.c.id}
    said = (
        sa.select(
            messages.c.author,
            sa.func.coalesce(messages.c.sent_at, messages.c.at).label("at"),
            sa.func.lag(messages.c.verdict).over(**in_order).label("verdict_before"),
            sa.func.lag(messages.c.at).over(**in_order).label("at_before"),
        )
        .where(messages.c.at >= since, messages.c.conversation_id.in_(its))
        .subquery()
    )
    waited = sa.type_coerce(said.c.at, sa.BigInteger) - sa.type_coerce(said.c.at_before, sa.BigInteger)
    microseconds = tx.execute(
        sa.select(sa.func.avg(waited)).where(
            said.c.author == Author.BOT.value,
            said.c.verdict_before == Answer.ANSWER.value,
            waited <= int(_LATEST_ANSWER.total_seconds() * 1_000_000),
        )
    ).scalar()
    return None if microseconds is None else round(float(microseconds) / 1_000)
