"""Files that a channel has taken from us, by what they are: sent again by the channel's id, without their bytes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store import doors
from store.tables import uploads


def key_of(kind: str, sha256: str) -> str:
    return f"{kind}:{sha256}"


def find(tx: Connection, account_id: str, key: str, now: datetime) -> str | None:
    """The channel's id of it, as long as that is good."""
    query = sa.select(uploads.c.attachment_id).where(*_this(account_id, key), uploads.c.expires_at > now)
    found: str | None = tx.execute(query).scalar()
    return found


def keep(tx: Connection, account_id: str, key: str, attachment_id: str, expires_at: datetime) -> None:
    doors.hold(tx, f"upload:{account_id}:{key}")
    forget(tx, account_id, key)
    row = {"account_id": account_id, "key": key, "attachment_id": attachment_id, "expires_at": expires_at}
    tx.execute(uploads.insert(), row)


def forget(tx: Connection, account_id: str, key: str) -> None:
    """The channel does not know it any more."""
    tx.execute(uploads.delete().where(*_this(account_id, key)))


def _this(account_id: str, key: str) -> tuple[Any, Any]:
    return uploads.c.account_id == account_id, uploads.c.key == key
