"""Whether anybody has been heard by an account: then its webhooks come in."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.account import AccountId
from store.tables import accounts, conversations


def heard(tx: Connection, account_ids: Collection[AccountId]) -> set[AccountId]:
    """Those of them that somebody has written to."""
    its = sa.and_(conversations.c.account_id == accounts.c.id, conversations.c.last_inbound_at.is_not(None))
    somebody = sa.select(conversations.c.id).where(its).exists()
    query = sa.select(accounts.c.id).where(accounts.c.id.in_(list(account_ids)), somebody)
    return {AccountId(each) for each in tx.execute(query).scalars()}
