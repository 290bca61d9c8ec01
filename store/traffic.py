"""When an account last heard and spoke, and what was told of one message: for who looks whether all is well."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.account import AccountId
from store import webhooks
from store.tables import conversations, messages

_LATEST = 50


def last_webhook_at(tx: Connection, account_id: AccountId) -> datetime | None:
    found = webhooks.listed(tx, limit=1, account=account_id)
    return found[0].received_at if found else None


def last_sent_at(tx: Connection, account_id: AccountId) -> datetime | None:
    ours = sa.select(messages.c.sent_at).join(conversations, conversations.c.id == messages.c.conversation_id)
    query = ours.where(conversations.c.account_id == account_id, messages.c.sent_at.is_not(None))
    found: datetime | None = tx.execute(query.order_by(messages.c.id.desc()).limit(1)).scalar()
    return found


def reports_on(tx: Connection, account_id: AccountId, provider_id: str, since: datetime) -> list[dict[str, Any]]:
    """The reports on one message in the webhooks that came since, whether or not we keep that message."""
    came = webhooks.listed(tx, limit=_LATEST, account=account_id, kind="status", since=since)
    bodies = [webhooks.with_body(tx, each.id)[1] for each in reversed(came)]
    told = (json.loads(body) for body in bodies if body)  # of one that told only of who was erased nothing is kept
    return [report for each in told for report in _reports(each) if report.get("id") == provider_id]


def _reports(value: Any) -> Iterator[dict[str, Any]]:
    """All `statuses`, wherever they stand."""
    if isinstance(value, list):
        for each in value:
            yield from _reports(each)
    elif isinstance(value, dict):
        found = value.get("statuses")
        yield from (each for each in found if isinstance(each, dict)) if isinstance(found, list) else ()
        for name, each in value.items():
            if name != "statuses":
                yield from _reports(each)
