"""Agents as people make and change them: with whom they think, their key, and which accounts have them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy.engine import Connection

from conversation.account import Account, AccountId
from conversation.agent import Agent, AgentId, AgentStatus
from runtime import agent_changes
from runtime.clock import Clock
from runtime.ownership import Ownership
from store import accounts, agents
from store.database import Database
from store.vault import Vault


class AgentSetup:
    def __init__(
        self,
        db: Database,
        vault: Vault,
        clock: Clock,
        ownership: Ownership,
        hide: Callable[[str], None],
        local: Collection[str],
    ) -> None:
        """`hide`: keeps a word out of every log line. `local`: see `agent_rules.check`."""
        self._db, self._vault, self._clock, self._ownership = db, vault, clock, ownership
        self._hide, self._local = hide, local

    async def add(
        self,
        name: str,
        status: AgentStatus,
        *,
        account_ids: Collection[str] | None = None,
        theirs: Collection[str] | None = None,
        **facts: Any,
    ) -> tuple[Agent, int]:
        """As `store.agents.add`; these accounts have it from then on. See `change` for the rest."""
        self._hide_key(facts)
        agent, silent = await self._db.write(self._add, name, status, account_ids, theirs, facts)
        return agent, await self._settled(agent, silent)

    async def change(
        self,
        name: str,
        *,
        rename: str | None = None,
        account_ids: Collection[str] | None = None,
        theirs: Collection[str] | None = None,
        **changes: Any,
    ) -> tuple[Agent, int]:
        """As `store.agents.change`. `account_ids`: all that have it from then on, of those in `theirs` (None: of all
        there are); the others of these that had it get the oldest agent, or nobody where that is the same.

        With 0 in flight, no request of an assistant's that was switched off by it reaches Meta after this returns.
        """
        self._hide_key(changes)
        agent, silent = await self._db.write(self._change, name, account_ids, theirs, {**changes, "name": rename})
        return agent, await self._settled(agent, silent, switched_off=_is_off(changes.get("status")))

    async def remove(self, name: str) -> None:
        """Only one that no account has."""
        await self._db.write(agents.remove, name, self._clock.now())

    def _hide_key(self, facts: dict[str, Any]) -> None:
        if facts.get("api_key"):
            self._hide(facts["api_key"])

    def _add(
        self,
        tx: Connection,
        name: str,
        status: AgentStatus,
        account_ids: Collection[str] | None,
        theirs: Collection[str] | None,
        facts: dict[str, Any],
    ) -> tuple[Agent, list[AccountId]]:
        agent = agents.add(tx, name, status, self._clock.now(), vault=self._vault, local=self._local, **facts)
        return agent, self._silenced(tx, self._bind(tx, agent.id, account_ids, theirs))

    def _change(
        self,
        tx: Connection,
        name: str,
        account_ids: Collection[str] | None,
        theirs: Collection[str] | None,
        changes: dict[str, Any],
    ) -> tuple[Agent, list[AccountId]]:
        moved = self._bind(tx, agents.get(tx, name).id, account_ids, theirs)  # accounts are locked before agents
        changes = {**changes, "vault": self._vault, "local": self._local}
        agent = agent_changes.change(tx, name, self._clock.now(), **changes)
        return agent, self._silenced(tx, moved)

    def _bind(
        self, tx: Connection, agent_id: AgentId, account_ids: Collection[str] | None, theirs: Collection[str] | None
    ) -> list[Account]:
        """The accounts that have another agent by now."""
        if account_ids is None:
            return []
        wanted = {accounts.get(tx, each).id for each in account_ids}
        moved = []
        for account in sorted(accounts.all_of(tx), key=lambda each: each.id):  # for everybody in the same order
            if theirs is not None and account.id not in theirs:
                continue
            has, shall = account.agent_id == agent_id, account.id in wanted
            if has != shall:
                to = agent_id if shall else self._another(tx, agent_id)
                moved.append(accounts.change(tx, self._vault, account.id, version=account.version, agent_id=to))
        return moved

    def _another(self, tx: Connection, agent_id: AgentId) -> AgentId:
        oldest = agents.ensure_default(tx, self._clock.now()).id
        return oldest if oldest != agent_id else agents.nobody(tx, self._clock.now()).id

    def _silenced(self, tx: Connection, moved: Collection[Account]) -> list[AccountId]:
        """Those whose agent may not speak."""
        return [each.id for each in moved if agents.get(tx, each.agent_id).status is not AgentStatus.ACTIVE]

    async def _settled(self, agent: Agent, silent: Collection[AccountId], *, switched_off: bool = False) -> int:
        left = await self._ownership.settled(agent_id=agent.id) if switched_off else 0
        return left + sum([await self._ownership.settled(account_id=each) for each in silent])


def _is_off(status: AgentStatus | None) -> bool:
    return status is not None and status is not AgentStatus.ACTIVE
