"""Agents: who may be switched on and off."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from conversation import agent_model, versions
from conversation.agent import Agent, AgentId, AgentStatus, Provider
from conversation.errors import BadInput, NotFound, Refused
from conversation.ids import new_id
from conversation.said import say
from store import doors
from store.tables import accounts, agents

DEFAULT_NAME = "assistant"
_LONGEST_NAME = 120

_ADD_UNLESS_THERE: dict[str, Any] = {
    "sqlite": sqlite.insert(agents).on_conflict_do_nothing(index_elements=["name"]),
    "postgresql": postgresql.insert(agents).on_conflict_do_nothing(index_elements=["name"]),
}
_BY_NAME_OR_ID = sa.select(agents).where(
    sa.or_(agents.c.name == sa.bindparam("either"), agents.c.id == sa.bindparam("either"))
)
_SHARED = doors.shared(sa.select(agents).where(agents.c.id == sa.bindparam("agent")))


def from_row(row: Any) -> Agent:
    return Agent(
        id=AgentId(row.id),
        name=row.name,
        status=AgentStatus(row.status),
        activation=row.activation,
        description=row.description,
        provider=Provider(row.provider),
        model=agent_model.read(row.model),
        has_key=row.api_key is not None,
        version=row.version,
    )


def ensure_default(tx: Connection, now: datetime) -> Agent:
    """The agent of accounts that name none: the oldest, made here where there is none."""
    oldest = sa.select(agents).order_by(agents.c.created_at, agents.c.id).limit(1)
    row = tx.execute(oldest).first()
    if row is None:
        made = _row(DEFAULT_NAME, AgentStatus.ACTIVE, now)
        tx.execute(_ADD_UNLESS_THERE[tx.dialect.name], made)  # another process may be making it
        row = tx.execute(oldest).one()
    return from_row(row)


def add(tx: Connection, name: str, status: AgentStatus, now: datetime) -> Agent:
    if find(tx, name) is not None:
        raise BadInput(say("There is already an agent named {name}.", name=name))
    _check_name(name)
    made = _row(name, status, now)
    tx.execute(agents.insert(), made)
    return get(tx, made["id"])


def _row(name: str, status: AgentStatus, now: datetime) -> dict[str, Any]:
    return dict(id=new_id("agt"), name=name, status=status.value, activation=0, created_at=now)


def find(tx: Connection, name_or_id: str) -> Agent | None:
    row = tx.execute(_BY_NAME_OR_ID, {"either": name_or_id}).first()
    return from_row(row) if row else None


def get(tx: Connection, name_or_id: str) -> Agent:
    agent = find(tx, name_or_id)
    if agent is None:
        names = ", ".join(a.name for a in all_of(tx)) or "none yet"
        raise NotFound(say("There is no agent named {name}. Known: {names}.", name=name_or_id, names=names))
    return agent


def all_of(tx: Connection) -> list[Agent]:
    return [from_row(row) for row in tx.execute(sa.select(agents).order_by(agents.c.created_at, agents.c.id))]


def lock_shared(tx: Connection, agent_id: AgentId) -> Agent:
    """The agent, which nobody can switch until this transaction ends."""
    asked = {"agent": agent_id, "door": doors.number_of(agent_id)}
    return from_row(tx.execute(_SHARED[tx.dialect.name], asked).one())


def set_status(tx: Connection, name_or_id: str, status: AgentStatus) -> Agent:
    """Switches; every change of status moves the activation number. The same status again changes nothing."""
    return change(tx, name_or_id, status=status)


def change(
    tx: Connection,
    name_or_id: str,
    *,
    name: str | None = None,
    status: AgentStatus | None = None,
    version: int | None = None,
) -> Agent:
    """`version`: the one it was decided on; refused where it has another by now."""
    before = _held(tx, name_or_id)
    versions.check(before.version, version)
    values: dict[str, Any] = {}
    if name is not None and name != before.name:
        _check_name(name)
        if find(tx, name) is not None:
            raise BadInput(say("There is already an agent named {name}.", name=name))
        values["name"] = name
    if status is not None and status is not before.status:
        values |= {"status": status.value, "activation": before.activation + 1}
    if values:
        tx.execute(agents.update().where(agents.c.id == before.id).values(**values, version=before.version + 1))
    return get(tx, before.id)


def remove(tx: Connection, name_or_id: str) -> None:
    """Only one that no account has."""
    this = _held(tx, name_or_id)
    used = tx.execute(sa.select(accounts.c.name).where(accounts.c.agent_id == this.id).limit(1)).scalar()
    if used is not None:
        raise Refused(
            say("The account {account} has {agent}. Give it another agent first.", account=used, agent=this.name),
            code="in_use",
        )
    tx.execute(agents.delete().where(agents.c.id == this.id))


def _held(tx: Connection, name_or_id: str) -> Agent:
    """The agent, by whose status nobody decides anything until this transaction ends."""
    agent = get(tx, name_or_id)
    doors.hold(tx, agent.id)
    row = tx.execute(sa.select(agents).where(agents.c.id == agent.id).with_for_update(key_share=True)).first()
    return from_row(row) if row else get(tx, name_or_id)


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > _LONGEST_NAME:
        raise BadInput(say("An agent needs a name, of {most} characters at most.", most=_LONGEST_NAME))
