"""What lists of agents and of their sessions say beside what is in them: since when there is one, and how many."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.tables import accounts, agents, conversations, trackers


def made_at(tx: Connection, agent_ids: Collection[str]) -> dict[str, datetime]:
    """When each of them was made."""
    query = sa.select(agents.c.id, agents.c.created_at).where(agents.c.id.in_(list(agent_ids)))
    return {row.id: row.created_at for row in tx.execute(query)}


def count_sessions(tx: Connection, agent_id: str, *, account_ids: Collection[str] | None = None) -> int:
    """As many as `sessions.page` has, page after page."""
    query = (
        sa.select(sa.func.count())
        .select_from(conversations)
        .join(accounts, accounts.c.id == conversations.c.account_id)
        .join(trackers, trackers.c.sender_id == conversations.c.id)
        .where(accounts.c.agent_id == agent_id)
    )
    if account_ids is not None:
        query = query.where(conversations.c.account_id.in_(list(account_ids)))
    return tx.execute(query).scalar_one()
