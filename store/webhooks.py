"""Webhooks as they came, and what has become of each; no headers, no signature."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.errors import NotFound
from conversation.said import say
from conversation.webhook import Webhook, WebhookState
from store.prepared import Prepared
from store.tables import webhooks

_ADD = Prepared(
    webhooks.insert(),
    *("channel", "accounts", "kinds", "state", "attempts", "error", "body", "received_at", "due_at", "ended_at"),
    new_id=webhooks.c.id,
)
_TO_BE_TAKEN = webhooks.c.state == WebhookState.RECEIVED.value
_SHOWN = [column for column in webhooks.c if column.name != "body"]
_ITEMS = {"sqlite": sa.func.json_each, "postgresql": sa.func.json_array_elements_text}


def from_row(row: Any) -> Webhook:
    return Webhook(
        id=row.id,
        channel=row.channel,
        accounts=row.accounts,
        kinds=row.kinds,
        state=WebhookState(row.state),
        attempts=row.attempts,
        error=row.error,
        received_at=row.received_at,
        due_at=row.due_at,
        ended_at=row.ended_at,
    )


def add(
    tx: Connection,
    *,
    channel: str,
    accounts: Sequence[str],
    kinds: Sequence[str],
    state: WebhookState,
    body: str,
    now: datetime,
    error: str | None = None,
    due_at: datetime | None = None,
) -> int:
    """One that has just been tried for the first time."""
    return _ADD.added(
        tx,
        channel=channel,
        accounts=list(accounts),
        kinds=list(kinds),
        state=state.value,
        attempts=1,
        error=error,
        body=body,
        received_at=now,
        due_at=due_at,
        ended_at=None if state is WebhookState.RECEIVED else now,
    )


def due(tx: Connection, now: datetime, limit: int = 20) -> list[int]:
    """What is to be tried again now, the oldest first."""
    query = sa.select(webhooks.c.id).where(_TO_BE_TAKEN, webhooks.c.due_at <= now)
    return list(tx.execute(query.order_by(webhooks.c.due_at, webhooks.c.id).limit(limit)).scalars())


def claim(tx: Connection, webhook_id: int, *, now: datetime, until: datetime, asked_for: bool) -> bool:
    """The right to try it now; should this process end, another may from `until` on. `asked_for`: by a person, in
    whatever state it is."""
    which = webhooks.c.id == webhook_id
    if not asked_for:
        which = sa.and_(which, _TO_BE_TAKEN, webhooks.c.due_at <= now)
    changed = webhooks.update().where(which).values(attempts=webhooks.c.attempts + 1, due_at=until)
    return bool(tx.execute(changed).rowcount)


def ask_again(tx: Connection, webhook_id: int, now: datetime) -> None:
    """Whoever runs tries it next."""
    values = {"state": WebhookState.RECEIVED.value, "due_at": now, "ended_at": None}
    tx.execute(webhooks.update().where(webhooks.c.id == webhook_id).values(**values))


def settle(
    tx: Connection,
    webhook_id: int,
    state: WebhookState,
    *,
    now: datetime,
    error: str | None = None,
    due_at: datetime | None = None,
) -> None:
    ended_at = None if state is WebhookState.RECEIVED else now
    values = {"state": state.value, "error": error, "due_at": due_at, "ended_at": ended_at}
    tx.execute(webhooks.update().where(webhooks.c.id == webhook_id).values(**values))


def empty(tx: Connection, webhook_id: int) -> None:
    """What became of it stays; what it held does not."""
    tx.execute(webhooks.update().where(webhooks.c.id == webhook_id).values(body=""))


def get(tx: Connection, webhook_id: int) -> Webhook:
    row = tx.execute(sa.select(*_SHOWN).where(webhooks.c.id == webhook_id)).first()
    if row is None:
        raise NotFound(say("There is no webhook {webhook}.", webhook=webhook_id))
    return from_row(row)


def with_body(tx: Connection, webhook_id: int) -> tuple[Webhook, str]:
    row = tx.execute(sa.select(webhooks).where(webhooks.c.id == webhook_id)).first()
    if row is None:
        raise NotFound(say("There is no webhook {webhook}.", webhook=webhook_id))
    return from_row(row), row.body


def listed(
    tx: Connection,
    *,
    limit: int,
    before: int | None = None,
    account_ids: Collection[str] | None = None,
    channel: str | None = None,
    account: str | None = None,
    kind: str | None = None,
    state: WebhookState | None = None,
    since: datetime | None = None,
) -> list[Webhook]:
    """The latest first. `account_ids`: only those in which there is no other account; None: all. `before`: this one."""
    query = sa.select(*_SHOWN).order_by(webhooks.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(webhooks.c.id < before)
    if account_ids is not None:
        query = query.where(_holds(tx, webhooks.c.accounts), ~_holds(tx, webhooks.c.accounts, but=account_ids))
    if channel is not None:
        query = query.where(webhooks.c.channel == channel)
    if account is not None:
        query = query.where(_holds(tx, webhooks.c.accounts, only=account))
    if kind is not None:
        query = query.where(_holds(tx, webhooks.c.kinds, only=kind))
    if state is not None:
        query = query.where(webhooks.c.state == state.value)
    if since is not None:
        query = query.where(webhooks.c.received_at >= since)
    return [from_row(row) for row in tx.execute(query)]


def parked(tx: Connection) -> list[int]:
    query = sa.select(webhooks.c.id).where(webhooks.c.state == WebhookState.PARKED.value)
    return list(tx.execute(query.order_by(webhooks.c.id)).scalars())


def _holds(tx: Connection, column: Any, *, only: str | None = None, but: Collection[str] = ()) -> Any:
    """Whether the list in this column holds this item; or any at all but these."""
    item = _ITEMS[tx.dialect.name](column).table_valued("value").alias()
    which = item.c.value == only if only is not None else item.c.value.not_in(list(but))
    return sa.exists(sa.select(sa.literal(1)).select_from(item).where(which))
