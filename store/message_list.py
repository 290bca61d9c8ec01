"""Messages of many conversations as lists show them, page by page, and how many there are of each kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.account import Channel
from conversation.message import Direction, Message, MessageStatus
from store import folding, messages
from store.searching import NEWEST
from store.tables import accounts, conversations
from store.tables import messages as table

#: So far is counted: nobody turns more pages than that.
COUNTED = 10_000


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which messages. `account_ids`: the accounts that who asks may see; None: all. `search`: words, looked for in the
    newest messages only."""

    account_ids: Collection[str] | None = None
    account: str | None = None
    channel: Channel | None = None
    conversation: str | None = None
    direction: Direction | None = None
    since: datetime | None = None
    until: datetime | None = None  # and this is not in it any more
    search: str | None = None


def page(tx: Connection, wanted: Wanted, *, oldest_first: bool = False, offset: int = 0, limit: int) -> list[Message]:
    """The newest first, unless it is asked for the other way round."""
    order = table.c.id.asc() if oldest_first else table.c.id.desc()
    query = sa.select(table).where(*_conditions(wanted)).order_by(order).limit(limit).offset(offset)
    return [messages.from_row(row) for row in tx.execute(query)]


def count(tx: Connection, wanted: Wanted) -> int:
    """How many there are of these; of very many, `COUNTED`."""
    some = sa.select(table.c.id).where(*_conditions(wanted)).limit(COUNTED).subquery()
    return int(tx.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())


def by_status(tx: Connection, wanted: Wanted) -> Counter[tuple[Direction, MessageStatus]]:
    by = (table.c.direction, table.c.status)
    rows = tx.execute(sa.select(*by, sa.func.count()).where(*_conditions(wanted)).group_by(*by))
    return Counter({(Direction(row[0]), MessageStatus(row[1])): row[2] for row in rows})


def _conditions(wanted: Wanted) -> list[Any]:
    found: list[Any] = []
    if wanted.conversation is not None:
        found.append(table.c.conversation_id == wanted.conversation)
    whose = _whose(wanted)
    if whose:
        # Asked of each message that is met, so that a page is read from the newest on and not sorted out of all.
        theirs = sa.select(conversations.c.id).where(conversations.c.id == table.c.conversation_id, *whose)
        found.append(theirs.exists())
    if wanted.direction is not None:
        found.append(table.c.direction == wanted.direction.value)
    if wanted.since is not None:
        found.append(table.c.at >= wanted.since)
    if wanted.until is not None:
        found.append(table.c.at < wanted.until)
    if wanted.search is not None:
        newest = sa.select(table.c.id, table.c.text).order_by(table.c.id.desc()).limit(NEWEST).subquery()
        pattern = sa.literal(folding.pattern(wanted.search), sa.Text)
        said = newest.c.text.is_not(None), newest.c.text.regexp_match(pattern)
        found.append(table.c.id.in_(sa.select(newest.c.id).where(*said)))
    return found


def _whose(wanted: Wanted) -> list[Any]:
    found: list[Any] = []
    if wanted.account_ids is not None:
        found.append(conversations.c.account_id.in_(list(wanted.account_ids)))
    if wanted.account is not None:
        found.append(conversations.c.account_id == wanted.account)
    if wanted.channel is not None:
        of_channel = sa.select(accounts.c.id).where(accounts.c.channel == wanted.channel.value)
        found.append(conversations.c.account_id.in_(of_channel))
    return found
