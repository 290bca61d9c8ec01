"""Fetching from a channel's memory, as rows: it goes on after a crash where it was, and can be stopped.

Who works at one holds it until its `due_at`, which moves with every step: whoever finds another there has lost it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.account import AccountId
from conversation.sync import GOES_ON, Sync, SyncId, SyncKind, SyncState
from store import doors
from store.tables import syncs

_GOES_ON = syncs.c.state.in_([state.value for state in GOES_ON])


def from_row(row: Any) -> Sync:
    return Sync(
        id=SyncId(row.id),
        account_id=AccountId(row.account_id),
        kind=SyncKind(row.kind),
        state=SyncState(row.state),
        since=row.since,
        cursor=row.cursor,
        conversations_seen=row.conversations_seen,
        messages_added=row.messages_added,
        attempts=row.attempts,
        due_at=row.due_at,
        error=row.error,
        asked_by=row.asked_by,
        created_at=row.created_at,
        ended_at=row.ended_at,
    )


def ask(
    tx: Connection, account_id: AccountId, kind: SyncKind, *, by: str, now: datetime, since: datetime | None = None
) -> Sync:
    """One of a kind at a time: what goes on is given back. A gap begins anew, for what was last written stands first
    in a list that it may have passed."""
    doors.hold(tx, f"{account_id}:sync:{kind.value}")
    going = _going(tx, account_id, kind)
    if going is None:
        return _add(tx, account_id, kind, by, now, since)
    if kind is SyncKind.GAP:
        earlier = min(going.since, since) if going.since and since else None
        _put(tx, going.id, state=SyncState.WAITING.value, since=earlier, cursor={}, attempts=0, due_at=now)
        return get(tx, going.id)
    return going


def _going(tx: Connection, account_id: AccountId, kind: SyncKind) -> Sync | None:
    this = sa.and_(syncs.c.account_id == account_id, syncs.c.kind == kind.value, _GOES_ON)
    row = tx.execute(sa.select(syncs).where(this).with_for_update()).first()
    return from_row(row) if row else None


def _add(tx: Connection, account_id: AccountId, kind: SyncKind, by: str, now: datetime, since: datetime | None) -> Sync:
    no_cursor: dict[str, Any] = {}
    row = dict(account_id=account_id, kind=kind.value, state=SyncState.WAITING.value, since=since, cursor=no_cursor)
    added = tx.execute(syncs.insert(), {**row, "asked_by": by, "due_at": now, "created_at": now})
    return get(tx, SyncId(added.inserted_primary_key[0]))


def get(tx: Connection, sync_id: SyncId) -> Sync:
    return from_row(tx.execute(sa.select(syncs).where(syncs.c.id == sync_id)).one())


def latest(tx: Connection, account_id: AccountId, kind: SyncKind) -> Sync | None:
    this = sa.and_(syncs.c.account_id == account_id, syncs.c.kind == kind.value)
    row = tx.execute(sa.select(syncs).where(this).order_by(syncs.c.id.desc()).limit(1)).first()
    return from_row(row) if row else None


def any_due(tx: Connection, now: datetime) -> bool:
    return tx.execute(sa.select(syncs.c.id).where(_GOES_ON, syncs.c.due_at <= now).limit(1)).first() is not None


def claim(tx: Connection, now: datetime, until: datetime) -> Sync | None:
    """The one that has waited longest, gaps first: customers wait behind them. It is who claimed it alone's, for a
    time."""
    waiting = sa.select(syncs.c.id).where(_GOES_ON, syncs.c.due_at <= now)
    first = waiting.order_by(syncs.c.kind, syncs.c.due_at, syncs.c.id).limit(1).with_for_update(skip_locked=True)
    sync_id = tx.execute(first).scalar()
    if sync_id is None:
        return None
    _put(tx, sync_id, state=SyncState.RUNNING.value, due_at=until)
    return get(tx, sync_id)


def step(
    tx: Connection, sync: Sync, *, until: datetime, cursor: Mapping[str, Any], seen: int = 0, added: int = 0
) -> Sync | None:
    """It has come so far; None where it was stopped, or is another's by now."""
    if not _held(tx, sync):
        return None
    _put(
        tx,
        sync.id,
        due_at=until,
        cursor=dict(cursor),
        conversations_seen=syncs.c.conversations_seen + seen,
        messages_added=syncs.c.messages_added + added,
        attempts=0,
        error=None,
    )
    return get(tx, sync.id)


def put_off(tx: Connection, sync: Sync, until: datetime, error: str) -> None:
    """Not now; it goes on then, where it is."""
    if _held(tx, sync):
        _put(tx, sync.id, state=SyncState.WAITING.value, due_at=until, error=error, attempts=syncs.c.attempts + 1)


def let_go(tx: Connection, sync_id: SyncId, now: datetime) -> None:
    """Who worked at it ends: another may go on at once."""
    running = sa.and_(syncs.c.id == sync_id, syncs.c.state == SyncState.RUNNING.value)
    tx.execute(syncs.update().where(running).values(due_at=now))


def end(tx: Connection, sync: Sync, state: SyncState, now: datetime, *, error: str | None = None) -> None:
    if _held(tx, sync):
        _put(tx, sync.id, state=state.value, ended_at=now, error=error)


def stop(tx: Connection, sync_id: SyncId, now: datetime) -> Sync:
    """What was fetched stays. One that has ended is left as it is."""
    row = tx.execute(sa.select(syncs).where(syncs.c.id == sync_id, _GOES_ON).with_for_update()).first()
    if row is not None:
        _put(tx, sync_id, state=SyncState.STOPPED.value, ended_at=now)
    return get(tx, sync_id)


def _held(tx: Connection, sync: Sync) -> bool:
    row = tx.execute(sa.select(syncs.c.state, syncs.c.due_at).where(syncs.c.id == sync.id).with_for_update()).one()
    return bool(row.state == SyncState.RUNNING.value and row.due_at == sync.due_at)


def _put(tx: Connection, sync_id: SyncId, **values: Any) -> None:
    tx.execute(syncs.update().where(syncs.c.id == sync_id).values(**values))
