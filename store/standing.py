"""Who may follow the feed just now, and what each may see: read anew for every part of it that is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.people import Operator
from store import operators
from store.tables import operator_tokens


@dataclass(frozen=True, kw_only=True)
class Standing:
    """`operators`: all there are, by name. `asked`: tokens it was read for; `owners`: whose those are that are good."""

    operators: Mapping[str, Operator] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()
    owners: Mapping[str, str] = field(default_factory=dict)

    def of(self, token_id: str) -> Operator | None:
        """Who has this token; None: it has ended, or its operator is gone."""
        return self.operators.get(self.owners.get(token_id, ""))

    def share_an_account(self, one: Operator, name: str) -> bool:
        """Whether they see anything together. Of who is gone only those know who see everything."""
        other = self.operators.get(name)
        if one.all_accounts or one.name == name:
            return True
        return other is not None and (other.all_accounts or not one.accounts.isdisjoint(other.accounts))


def read(tx: Connection, token_ids: Collection[str], now: datetime) -> Standing:
    asked = frozenset(token_ids)
    query = sa.select(operator_tokens.c.id, operator_tokens.c.operator).where(
        operator_tokens.c.id.in_(sorted(asked)),
        sa.or_(operator_tokens.c.expires_at.is_(None), operator_tokens.c.expires_at > now),
    )
    owners = {row.id: row.operator for row in tx.execute(query)} if asked else {}
    return Standing(operators={each.name: each for each in operators.all_of(tx)}, asked=asked, owners=owners)
