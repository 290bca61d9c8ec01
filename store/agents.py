"""Agents: who may be switched on and off."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.agent import Agent, AgentId, AgentStatus
from conversation.errors import BadInput, NotFound
from conversation.ids import new_id
from store.tables import agents

DEFAULT_NAME = "assistant"


_BY_NAME_OR_ID = sa.select(agents).where(
    sa.or_(agents.c.name == sa.bindparam("either"), agents.c.id == sa.bindparam("either"))
)
_SHARED = sa.select(agents).where(agents.c.id == sa.bindparam("agent")).with_for_update(read=True)


def from_row(row: Any) -> Agent:
    return Agent(id=AgentId(row.id), name=row.name, status=AgentStatus(row.status), activation=row.activation)


def ensure_default(tx: Connection, now: datetime) -> Agent:
    """The agent of accounts that name none: the oldest, made here where there is none."""
    row = tx.execute(sa.select(agents).order_by(agents.c.created_at, agents.c.id).limit(1)).first()
    return from_row(row) if row else add(tx, DEFAULT_NAME, AgentStatus.ACTIVE, now)


def add(tx: Connection, name: str, status: AgentStatus, now: datetime) -> Agent:
    if find(tx, name) is not None:
        raise BadInput(f"There is already an agent named {name}.")
    agent = Agent(id=AgentId(new_id("agt")), name=name, status=status, activation=0)
    tx.execute(agents.insert().values(id=agent.id, name=name, status=status.value, activation=0, created_at=now))
    return agent


def find(tx: Connection, name_or_id: str) -> Agent | None:
    row = tx.execute(_BY_NAME_OR_ID, {"either": name_or_id}).first()
    return from_row(row) if row else None


def get(tx: Connection, name_or_id: str) -> Agent:
    agent = find(tx, name_or_id)
    if agent is None:
        names = ", ".join(a.name for a in all_of(tx)) or "none yet"
        raise NotFound(f"There is no agent named {name_or_id}. Known: {names}.")
    return agent


def all_of(tx: Connection) -> list[Agent]:
    return [from_row(row) for row in tx.execute(sa.select(agents).order_by(agents.c.created_at, agents.c.id))]


def lock_shared(tx: Connection, agent_id: AgentId) -> Agent:
    """The agent, which nobody can switch until this transaction ends."""
    return from_row(tx.execute(_SHARED, {"agent": agent_id}).one())


def set_status(tx: Connection, name_or_id: str, status: AgentStatus) -> Agent:
    """Switches; every change of status moves the activation number. The same status again changes nothing."""
    agent = get(tx, name_or_id)
    tx.execute(sa.select(agents.c.id).where(agents.c.id == agent.id).with_for_update())
    tx.execute(
        agents.update()
        .where(agents.c.id == agent.id, agents.c.status != status.value)
        .values(status=status.value, activation=agents.c.activation + 1)
    )
    return get(tx, agent.id)
