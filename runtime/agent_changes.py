"""A change of an agent, told to the operators where it is one of who may speak."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from conversation.agent import Agent
from store import agents, notices


def change(tx: Connection, name_or_id: str, now: datetime, **changes: Any) -> Agent:
    """As `store.agents.change`."""
    before = agents.get(tx, name_or_id)
    after = agents.change(tx, name_or_id, **changes)
    if before.activation != after.activation:
        notices.add(tx, "agent", None, {"agent": after.name, "status": after.status.value}, now)
    return after
