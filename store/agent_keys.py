"""The keys that agents have of their providers: encrypted, and encrypted anew when our own key is exchanged."""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation import agent_rules
from store.tables import agents
from store.vault import Vault


def seal(tx: Connection, vault: Vault | None, key: str) -> bytes:
    """For who writes it in this transaction. Before anything is sealed: what is written after our key was exchanged
    must not be sealed with the old one."""
    assert vault is not None, "a key is kept by who has a vault"
    agent_rules.check_key(key)
    if tx.dialect.name == "postgresql":
        tx.execute(sa.text("LOCK TABLE agents IN ROW EXCLUSIVE MODE"))
    return vault.seal(key)


def reseal(tx: Connection, vault: Vault) -> int:
    """Seals every key with the vault's newest; how many. Nobody writes an agent meanwhile."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.text("LOCK TABLE agents IN EXCLUSIVE MODE"))
    rows = tx.execute(sa.select(agents.c.id, agents.c.api_key).where(agents.c.api_key.is_not(None))).all()
    for row in rows:
        tx.execute(agents.update().where(agents.c.id == row.id).values(api_key=vault.seal(vault.open(row.api_key))))
    return len(rows)


def sealed_with(tx: Connection, vault: Vault) -> Counter[str | None]:
    """How many keys each key of ours has sealed; under None those that none here opens."""
    kept = tx.execute(sa.select(agents.c.api_key).where(agents.c.api_key.is_not(None))).scalars()
    return Counter(vault.opened_by(each) for each in kept)
