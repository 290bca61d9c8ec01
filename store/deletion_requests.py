"""Wishes of people that what is known of them be deleted, and that access be taken away: kept with the webhook events.

Who a wish is of is known by an id of Meta's app alone, so a person has to find the contact; `done_at` in a row's body
says that it was done.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.tables import webhook_events

DELETION, DEAUTHORIZATION = "data_deletion", "deauthorize"
#: It comes to the app, whichever of its channels it is of.
_OF_ANY_CHANNEL = "meta"
#: The row's number, and what nobody can guess.
_CODE = re.compile(r"([0-9]{1,18})-([0-9a-f]{24})")


@dataclass(frozen=True, kw_only=True)
class DeletionRequest:
    at: datetime
    done_at: datetime | None


def add(tx: Connection, *, user_id: str, proof: str, asked_at: datetime | None, now: datetime) -> str:
    """`proof`: of who asked, which only they and we have. The code: number and proof."""
    body = {"user_id": user_id, "proof": proof, "asked_at": asked_at.isoformat() if asked_at else None}
    return f"{_add(tx, DELETION, body, now)}-{proof}"


def add_deauthorization(tx: Connection, user_id: str, account_ids: Sequence[str], now: datetime) -> None:
    _add(tx, DEAUTHORIZATION, {"user_id": user_id, "accounts": list(account_ids)}, now)


def _add(tx: Connection, kind: str, body: Mapping[str, object], now: datetime) -> int:
    added = tx.execute(webhook_events.insert(), dict(channel=_OF_ANY_CHANNEL, kind=kind, body=dict(body), at=now))
    return int(added.inserted_primary_key[0])


def number_of(code: str) -> int:
    """The row's, of a code that was made here."""
    return int(code.partition("-")[0])


def done(tx: Connection, number: int, now: datetime) -> bool:
    """What was wished is done; who wished it is nobody's to know any more. False: there is no such wish."""
    this = sa.and_(webhook_events.c.id == number, webhook_events.c.kind == DELETION)
    row = tx.execute(sa.select(webhook_events.c.body).where(this).with_for_update()).first()
    if row is None:
        return False
    body = {**row.body, "user_id": None, "done_at": now.isoformat()}
    tx.execute(webhook_events.update().where(this).values(body=body))
    return True


def find(tx: Connection, code: str) -> DeletionRequest | None:
    read = _CODE.fullmatch(code)
    if read is None:
        return None
    this = sa.and_(webhook_events.c.id == int(read[1]), webhook_events.c.kind == DELETION)
    row = tx.execute(sa.select(webhook_events).where(this)).first()
    if row is None or not hmac.compare_digest(str(row.body.get("proof")), read[2]):
        return None
    done_at = row.body.get("done_at")
    return DeletionRequest(at=row.at, done_at=datetime.fromisoformat(done_at) if done_at else None)
