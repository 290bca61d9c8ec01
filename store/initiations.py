"""Whom we wrote to outside their window: the platform counts how many they are in a day, over a business's numbers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from conversation.account import AccountId
from conversation.conversation import ConversationId
from store import doors
from store.tables import initiations


def hold(tx: Connection, business: str) -> None:
    """Who counts next waits for us."""
    doors.hold(tx, f"initiations:{business}")


def since(tx: Connection, account_ids: Collection[AccountId], begin: datetime) -> dict[ConversationId, datetime]:
    """The contacts of these accounts, by their conversation, and when each was last written to."""
    of_these = sa.and_(initiations.c.account_id.in_(list(account_ids)), initiations.c.at > begin)
    rows = tx.execute(sa.select(initiations.c.conversation_id, initiations.c.at).where(of_these))
    return {ConversationId(row.conversation_id): row.at for row in rows}


def note(tx: Connection, conversation_id: ConversationId, account_id: AccountId, now: datetime) -> None:
    values = {"conversation_id": conversation_id, "account_id": account_id, "at": now}
    tx.execute(_NOTE[tx.dialect.name], values)


def _note(dialect: Any) -> Any:
    insert = dialect.insert(initiations)
    again = {"at": insert.excluded.at, "account_id": insert.excluded.account_id}
    return insert.on_conflict_do_update(index_elements=["conversation_id"], set_=again)


_NOTE = {"sqlite": _note(sqlite), "postgresql": _note(postgresql)}
