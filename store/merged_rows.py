"""What becomes of the rows of a conversation that turned out to be another one, table by table.

`personal.OF_CONVERSATION` says which tables there are; `tests/store/test_merging.py` finds one that is missing here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.handover import Priority, RequestState
from conversation.mail import MailState
from conversation.merging import BOT, HUMAN, Merged
from conversation.message import Author
from store import leases, merged_trackers, personal, requests
from store.mailbox import UNTRIED
from store.requests import Request
from store.tables import initiations, mailbox, outbox, paces, tags, timers
from store.tables import requests as requests_table

#: Who ends a request by no order of anybody's.
BY = "system"
Mover = Callable[[Connection, Merged, datetime], None]


def move_all(tx: Connection, merged: Merged, now: datetime) -> None:
    """Both conversations are locked by whoever asks. Afterwards nothing names the one that was."""
    for name in personal.OF_CONVERSATION:
        _MOVERS[name](tx, merged, now)


def _simply(name: str) -> Mover:
    column = personal.OF_CONVERSATION[name]

    def move(tx: Connection, merged: Merged, now: datetime) -> None:
        theirs = column.table.update().where(column == merged.was.id)
        tx.execute(theirs.values(**{column.name: merged.into.id}))

    return move


def _mail(tx: Connection, merged: Merged, now: datetime) -> None:
    """In the order in which it arrived in either. A turn that was begun on it can't finish it; what only waited for
    more to follow waits no longer, for begun as it is now nobody would end that."""
    waits = sa.and_(mailbox.c.conversation_id == merged.was.id, mailbox.c.state == MailState.NEW.value)
    not_before: Any = sa.case((UNTRIED, sa.null()), else_=mailbox.c.not_before)
    begun = {"begins": mailbox.c.begins + 1, "under_way": False, "not_before": not_before}
    tx.execute(mailbox.update().where(waits).values(**begun))
    _simply("mailbox")(tx, merged, now)


def _outbox(tx: Connection, merged: Merged, now: datetime) -> None:
    """What might leave until now still may, under the new number; what the assistant said may not where a person has
    it. What somebody has claimed is settled by the row's own number."""
    has_a_person = merged.after.state is HUMAN
    for each in [merged.leads] if has_a_person else [merged.into, merged.was]:
        stays = sa.and_(outbox.c.conversation_id == each.id, outbox.c.ownership == each.ownership)
        if has_a_person:
            stays = sa.and_(stays, outbox.c.author == Author.SYSTEM.value)
        tx.execute(outbox.update().where(stays).values(ownership=merged.after.ownership))
    _simply("outbox")(tx, merged, now)


def _trackers(tx: Connection, merged: Merged, now: datetime) -> None:
    merged_trackers.join(tx, merged.into.id, merged.was.id, lively=merged.lively.id, now=now)


def _with_the_trackers(tx: Connection, merged: Merged, now: datetime) -> None:
    pass


def _timers(tx: Connection, merged: Merged, now: datetime) -> None:
    """Of two of one name the earlier stays."""
    both = timers.c.conversation_id.in_([merged.into.id, merged.was.id])
    names = set[str]()
    for row in tx.execute(sa.select(timers.c.id, timers.c.name).where(both).order_by(timers.c.due_at, timers.c.id)):
        if row.name in names:
            tx.execute(timers.delete().where(timers.c.id == row.id))
        names.add(row.name)
    _simply("timers")(tx, merged, now)


def _worked_out_anew(name: str) -> Mover:
    column = personal.OF_CONVERSATION[name]

    def forget(tx: Connection, merged: Merged, now: datetime) -> None:
        tx.execute(column.table.delete().where(column == merged.was.id))

    return forget


def _requests(tx: Connection, merged: Merged, now: datetime) -> None:
    """One waits at most: the more urgent, then the older. None does where a person has it."""
    _simply("requests")(tx, merged, now)
    waiting = [each for each in requests.of_conversation(tx, merged.into.id) if each.state is RequestState.PENDING]
    if merged.after.state is HUMAN:
        _end(tx, waiting, RequestState.ANSWERED, str(merged.after.owner), now)
    elif merged.after.state is BOT:
        _end(tx, waiting, RequestState.CANCELLED, BY, now)
    else:
        by_weight = sorted(waiting, key=lambda each: (-list(Priority).index(each.priority), each.id))
        _end(tx, by_weight[1:], RequestState.CANCELLED, BY, now)


def _end(tx: Connection, found: list[Request], state: RequestState, by: str, now: datetime) -> None:
    these = requests_table.c.id.in_([each.id for each in found])
    tx.execute(requests_table.update().where(these).values(state=state.value, ended_at=now, ended_by=by))


def _tags(tx: Connection, merged: Merged, now: datetime) -> None:
    there = sa.select(tags.c.tag).where(tags.c.conversation_id == merged.into.id)
    words = list(tx.execute(there).scalars())
    tx.execute(tags.delete().where(tags.c.conversation_id == merged.was.id, tags.c.tag.in_(words)))
    _simply("tags")(tx, merged, now)


def _paces(tx: Connection, merged: Merged, now: datetime) -> None:
    """It is one person that we wrote to, so no more may be written at once than to the one who was written to more."""
    theirs = tx.execute(sa.select(paces).where(paces.c.conversation_id == merged.was.id)).all()
    for row in theirs:
        name = row.name.replace(merged.was.id, merged.into.id)
        known = tx.execute(sa.select(paces).where(paces.c.name == name)).first()
        tx.execute(paces.delete().where(paces.c.name == row.name))
        if known is None:
            kept: dict[str, Any] = {"name": name, "conversation_id": merged.into.id, "level": row.level, "at": row.at}
            tx.execute(paces.insert(), kept)
        else:
            lower = {"level": min(known.level, row.level), "at": max(known.at, row.at)}
            tx.execute(paces.update().where(paces.c.name == name).values(**lower))


def _initiations(tx: Connection, merged: Merged, now: datetime) -> None:
    """They count as one, of the later time."""
    both = sa.select(initiations).where(initiations.c.conversation_id.in_([merged.into.id, merged.was.id]))
    found = sorted(tx.execute(both), key=lambda row: row.at)
    for row in found[:-1]:
        tx.execute(initiations.delete().where(initiations.c.conversation_id == row.conversation_id))
    _simply("initiations")(tx, merged, now)


def _leases(tx: Connection, merged: Merged, now: datetime) -> None:
    """Whoever runs its actor finds nothing there any more."""
    leases.forget(tx, merged.was.id)


_MOVERS: dict[str, Mover] = {
    "mailbox": _mail,
    "outbox": _outbox,
    "held_echoes": _simply("held_echoes"),
    "messages": _simply("messages"),
    "tracker_snapshots": _with_the_trackers,
    "tracker_events": _with_the_trackers,
    "trackers": _trackers,
    "buttons": _simply("buttons"),
    "timers": _timers,
    "deadlines": _worked_out_anew("deadlines"),
    "requests": _requests,
    "handovers": _simply("handovers"),
    "ratings": _simply("ratings"),
    "notes": _simply("notes"),
    "tags": _tags,
    "alerts": _simply("alerts"),
    "notices": _simply("notices"),
    "idempotency_keys": _simply("idempotency_keys"),
    "llm_calls": _simply("llm_calls"),
    "paces": _paces,
    "initiations": _initiations,
    "leases": _leases,
}
