"""Agents: with whom they think, and who may be switched on and off."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from conversation import agent_model, agent_rules, versions
from conversation.account import AccountId
from conversation.agent import NOBODY, Agent, AgentId, AgentStatus, Provider
from conversation.agent_model import AgentModel
from conversation.errors import BadInput, NotFound, Refused
from conversation.ids import new_id
from conversation.said import say
from store import agent_keys, doors, gathering
from store.tables import accounts, agents
from store.vault import Vault

DEFAULT_NAME = "assistant"
_LONGEST_NAME = 120

_ADD_UNLESS_THERE: dict[str, Any] = {
    "sqlite": sqlite.insert(agents).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(agents).on_conflict_do_nothing(),
}
_NOBODY = sa.select(agents).where(agents.c.id == NOBODY)
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
    oldest = sa.select(agents).where(agents.c.id != NOBODY).order_by(agents.c.created_at, agents.c.id).limit(1)
    row = tx.execute(oldest).first()
    if row is None:
        made = _row(DEFAULT_NAME, AgentStatus.ACTIVE, now)
        tx.execute(_ADD_UNLESS_THERE[tx.dialect.name], made)  # another process may be making it
        row = tx.execute(oldest).one()
    return from_row(row)


def nobody(tx: Connection, now: datetime) -> Agent:
    """The agent of accounts that are to have none, made here where it is not there yet. It is never active."""
    row = tx.execute(_NOBODY).first()
    for name in ("nobody", str(NOBODY)):  # somebody may have given an assistant the first one
        if row is None:
            tx.execute(_ADD_UNLESS_THERE[tx.dialect.name], {**_row(name, AgentStatus.DRAFT, now), "id": NOBODY})
            row = tx.execute(_NOBODY).first()
    assert row is not None
    return from_row(row)


def add(
    tx: Connection,
    name: str,
    status: AgentStatus,
    now: datetime,
    *,
    description: str = "",
    provider: Provider = Provider.RASA,
    model: AgentModel | None = None,
    api_key: str | None = None,
    vault: Vault | None = None,
    local: Collection[str] | None = None,
) -> Agent:
    """`api_key`: sealed by the vault. `local`: see `agent_rules.check`."""
    _check_is_free(tx, name)
    _check_name(name)
    model = model or AgentModel()
    made = _row(name, status, now)
    made |= {"description": description, "provider": provider.value, "model": agent_model.plain(model)}
    if api_key:
        made["api_key"] = agent_keys.seal(tx, vault, api_key)
    about = Agent(
        id=made["id"], name=name, status=status, activation=0, provider=provider, model=model, has_key=bool(api_key)
    )
    agent_rules.check(about, local)
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


def providers(tx: Connection) -> set[Provider]:
    """Whoever any of them thinks with."""
    return {Provider(name) for name in tx.execute(sa.select(agents.c.provider).distinct()).scalars()}


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
    description: str | None = None,
    provider: Provider | None = None,
    model: Mapping[str, Any] | None = None,
    api_key: str | None = None,
    vault: Vault | None = None,
    local: Collection[str] | None = None,
    version: int | None = None,
) -> Agent:
    """What is not given stays. `model`: what of it changes; None in it: the default. `api_key`: "" takes it away.
    `version`: the one it was decided on; refused where it has another by now.

    Only a change of status moves the activation number, and takes back what waits to be sent. Another provider,
    another prompt, do not: what was answered before them was said by an assistant that might speak, and was true by
    what it knew then. Who wants that not to be sent either switches the agent off first.
    """
    before = _held(tx, name_or_id)
    versions.check(before.version, version)
    if name is not None and name != before.name:
        _check_name(name)
        _check_is_free(tx, name)
    after = replace(
        before,
        name=before.name if name is None else name,
        status=before.status if status is None else status,
        description=before.description if description is None else description,
        provider=before.provider if provider is None else provider,
        model=before.model if model is None else agent_model.changed(before.model, model),
    )
    values: dict[str, Any] = {}
    if api_key is not None:
        values["api_key"] = agent_keys.seal(tx, vault, api_key) if api_key else None
        after = replace(after, has_key=bool(api_key))
    elif before.has_key and not agent_rules.same_address(before, after):
        agent_rules.check_no_key_is_needed(after)
        values["api_key"] = None
        after = replace(after, has_key=False)
    if after == before and not values:
        return before
    _refuse_nobody(before)
    if after.status is AgentStatus.ACTIVE is not before.status or _thinks(after) != _thinks(before):
        agent_rules.check(after, local)  # not where it is switched off: that is never refused
    values |= {"name": after.name, "description": after.description, "status": after.status.value}
    values |= {"provider": after.provider.value, "model": agent_model.plain(after.model)}
    values |= {"activation": before.activation + (after.status is not before.status), "version": before.version + 1}
    tx.execute(agents.update().where(agents.c.id == before.id).values(**values))
    if after.status is not before.status:
        gathering.end_of_agent(tx, before.id)
    return get(tx, before.id)


def remove(tx: Connection, name_or_id: str, now: datetime) -> None:
    """Only one that no account has. Accounts that were removed have nobody then."""
    this = _held(tx, name_or_id)
    _refuse_nobody(this)
    its = accounts.c.agent_id == this.id
    used = tx.execute(sa.select(accounts.c.name).where(its, accounts.c.removed_at.is_(None)).limit(1)).scalar()
    if used is not None:
        raise Refused(
            say("The account {account} has {agent}. Give it another agent first.", account=used, agent=this.name),
            code="in_use",
        )
    if tx.execute(sa.select(accounts.c.id).where(its).limit(1)).first() is not None:
        tx.execute(accounts.update().where(its, accounts.c.removed_at.is_not(None)).values(agent_id=nobody(tx, now).id))
    tx.execute(agents.delete().where(agents.c.id == this.id))


def api_key(tx: Connection, vault: Vault, agent_id: str) -> str | None:
    """The key of its provider, for who asks there."""
    sealed = tx.execute(sa.select(agents.c.api_key).where(agents.c.id == agent_id)).scalar()
    return vault.open(sealed) if sealed else None


def accounts_of(tx: Connection, agent_ids: Sequence[str]) -> dict[str, list[tuple[AccountId, str]]]:
    """Which accounts each agent has, by id and name, the oldest first."""
    rows = tx.execute(
        sa.select(accounts.c.agent_id, accounts.c.id, accounts.c.name)
        .where(accounts.c.agent_id.in_(list(agent_ids)), accounts.c.removed_at.is_(None))
        .order_by(accounts.c.created_at, accounts.c.id)
    )
    found: dict[str, list[tuple[AccountId, str]]] = {each: [] for each in agent_ids}
    for agent_id, account_id, name in rows:
        found[agent_id].append((AccountId(account_id), name))
    return found


def _held(tx: Connection, name_or_id: str) -> Agent:
    """The agent, by whose status nobody decides anything until this transaction ends."""
    agent = get(tx, name_or_id)
    doors.hold(tx, agent.id)
    row = tx.execute(sa.select(agents).where(agents.c.id == agent.id).with_for_update(key_share=True)).first()
    return from_row(row) if row else get(tx, name_or_id)


def _thinks(agent: Agent) -> tuple[Any, ...]:
    return agent.provider, agent.model, agent.has_key


def _refuse_nobody(agent: Agent) -> None:
    if agent.id == NOBODY:
        told = say("{agent} stands for no assistant at all: it stays as it is.", agent=agent.name)
        raise Refused(told, code="nobody")


def _check_is_free(tx: Connection, name: str) -> None:
    if find(tx, name) is not None:
        raise BadInput(say("There is already an agent named {name}.", name=name))


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > _LONGEST_NAME:
        raise BadInput(say("An agent needs a name, of {most} characters at most.", most=_LONGEST_NAME))
