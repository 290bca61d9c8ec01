"""What channels told us of one contact, word for word: found, and taken out of what tells of others too."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.pruning import NOTHING, parted
from store import deletion_requests
from store.erasing import Erasure, was_erased
from store.tables import webhook_events, webhooks

_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Found:
    """A row that tells of them. `theirs`: the items; `rest`: what stays, `NOTHING` where nothing else is in it."""

    id: int
    theirs: list[Any]
    rest: Any


def of_webhooks(tx: Connection, erasure: Erasure, names: Collection[str], after: int) -> tuple[list[Found], int | None]:
    """Of the next rows those that tell of them, and where to go on; None: that was all."""
    query = sa.select(webhooks).where(webhooks.c.id > after, webhooks.c.id <= erasure.webhook)
    rows = tx.execute(query.order_by(webhooks.c.id).limit(_AT_ONCE)).all()
    ours = {erasure.account, erasure.account_provider_id}
    found = [
        each
        for row in rows
        if not row.accounts or ours.intersection(map(str, row.accounts))
        for each in _found(row.id, _read(row.body), names)
    ]
    return found, rows[-1].id if len(rows) == _AT_ONCE else None


def of_events(tx: Connection, erasure: Erasure, names: Collection[str], after: int) -> tuple[list[Found], int | None]:
    """As `of_webhooks`, of what had no place. Wishes for deletion are kept, as the proof that they were fulfilled."""
    query = sa.select(webhook_events).where(webhook_events.c.id > after, webhook_events.c.id <= erasure.event)
    rows = tx.execute(query.order_by(webhook_events.c.id).limit(_AT_ONCE)).all()
    found = [
        each
        for row in rows
        if row.kind != deletion_requests.DELETION and row.account in (None, erasure.account_provider_id)
        for each in _found(row.id, row.body, names)
    ]
    return found, rows[-1].id if len(rows) == _AT_ONCE else None


def without_the_erased(tx: Connection, body: str, provider_ids: Collection[str]) -> str:
    """A body that told nothing new, without what it tells of messages that are gone."""
    gone = {each for each in provider_ids if was_erased(tx, each)}
    if not gone:
        return body
    rest, _ = parted(_read(body), gone)
    return "" if rest is NOTHING else _written(rest)


def take_out(tx: Connection, table: Any, row_ids: Collection[int], names: Collection[str]) -> None:
    for row_id in row_ids:
        _take_out(tx, table, row_id, names)


def _take_out(tx: Connection, table: Any, row_id: int, names: Collection[str]) -> None:
    """As the row is now: whoever changed it meanwhile is not undone."""
    row = tx.execute(sa.select(table.c.body).where(table.c.id == row_id).with_for_update()).first()
    if row is None:
        return
    is_text = isinstance(row.body, str)
    rest, _ = parted(_read(row.body) if is_text else row.body, names)
    if rest is NOTHING:
        tx.execute(table.delete().where(table.c.id == row_id))
        return
    tx.execute(table.update().where(table.c.id == row_id).values(body=_written(rest) if is_text else rest))


def _found(row_id: int, body: Any, names: Collection[str]) -> Iterator[Found]:
    rest, theirs = parted(body, names)
    if theirs:
        yield Found(id=row_id, theirs=theirs, rest=rest)


def _written(body: Any) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def _read(body: str) -> Any:
    """What is not JSON is one text."""
    try:
        return json.loads(body)
    except ValueError:
        return body
