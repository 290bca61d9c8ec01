"""Agents' keys, encrypted anew with the accounts' tokens when our own key is exchanged; and who is nobody's agent."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from app import keys
from conversation.agent import AgentStatus, Provider
from conversation.errors import BadInput
from store import agent_keys, agents
from store.database import Database
from store.vault import Vault, new_key
from tests import services
from tests.house import START

kind = services.each_kind


def two_with_keys_and_one_without(tx: Any, vault: Vault) -> list[str]:
    facts: dict[str, Any] = {"provider": Provider.OPENAI, "vault": vault}
    made = [agents.add(tx, name, AgentStatus.DRAFT, START, api_key=f"sk-{name}", **facts) for name in ("a", "b")]
    made.append(agents.add(tx, "c", AgentStatus.DRAFT, START))
    return [agent.id for agent in made]


def test_they_are_sealed_with_the_newest_key_and_counted_with_the_rest(db: Database) -> None:
    old, new = new_key(), new_key()
    first, second, none = db.write_now(two_with_keys_and_one_without, Vault(old))
    both = Vault(new, old)
    assert db.read_now(keys.sealed_with, both)[old] == 2
    assert db.write_now(keys._reseal, both) == 2
    assert db.read_now(keys.sealed_with, both)[new] == 2
    assert db.read_now(keys.sealed_with, Vault(old))[None] == 2
    kept = [db.read_now(agents.api_key, Vault(new), each) for each in (first, second, none)]
    assert kept == ["sk-a", "sk-b", None]
    with pytest.raises(BadInput, match="can't be read with this key"):
        db.read_now(agents.api_key, Vault(old), first)


@services.postgresql_only
def test_who_keeps_one_waits_until_they_are_exchanged(db: Database, vault: Vault) -> None:
    """What is sealed after it must be sealed with the new key."""
    with db.engine.begin() as rotating, db.engine.begin() as adding:
        agent_keys.reseal(rotating, vault)
        adding.execute(sa.text("SET LOCAL lock_timeout = '100ms'"))
        with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
            agent_keys.seal(adding, vault, "sk-late")


@services.sqlite_only
def test_the_agent_of_accounts_that_name_none_is_never_nobody(db: Database) -> None:
    nobody = db.write_now(agents.nobody, START)
    default = db.write_now(agents.ensure_default, START)
    assert (default.name, default.status, nobody.status) == ("assistant", AgentStatus.ACTIVE, AgentStatus.DRAFT)
