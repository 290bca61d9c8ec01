"""What operators try out on an agent: a row from when it is asked to when it is answered, or given up."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.ids import new_id
from store import operators
from store.tables import trials

_NEW, _TAKEN, _DONE = "new", "taken", "done"
#: Whoever asked has given up long before: nobody should begin with it, for it may cost money.
_NOT_ASKED_FOR_ANY_MORE = timedelta(seconds=30)
#: What a process has left behind that died while it waited.
_KEPT = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """`session`: the operator's name too, for what one tries is not gone on with by another. `account_ids`: those that
    the operator sees; None: all."""

    id: str
    agent_id: str
    session: str
    text: str
    account_ids: Collection[str] | None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """`taken`: a worker has begun with it. `answer`: what came of it; None: nothing yet."""

    taken: bool
    answer: Mapping[str, Any] | None


def add(tx: Connection, agent_id: str, session: str, text: str, *, by: str, now: datetime) -> str:
    trial_id = new_id("try")
    tx.execute(
        trials.insert().values(
            id=trial_id, agent_id=agent_id, session=session, operator=by, text=text, state=_NEW, created_at=now
        )
    )
    return trial_id


def waiting(tx: Connection, now: datetime) -> bool:
    """Whether there is anything to do for a worker."""
    due = sa.or_(_is_asked_for(now), trials.c.created_at <= now - _KEPT)
    return tx.execute(sa.select(trials.c.id).where(due).limit(1)).first() is not None


def claim(tx: Connection, now: datetime) -> Trial | None:
    """The oldest that no other worker has; what is too old is gone then."""
    tx.execute(trials.delete().where(trials.c.created_at <= now - _KEPT))
    oldest = sa.select(trials).where(_is_asked_for(now)).order_by(trials.c.created_at, trials.c.id).limit(1)
    row = tx.execute(oldest.with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    tx.execute(trials.update().where(trials.c.id == row.id).values(state=_TAKEN))
    return Trial(
        id=row.id,
        agent_id=row.agent_id,
        session=f"{row.operator}\n{row.session}",  # neither has a new line in it
        text=row.text,
        account_ids=_seen_by(tx, row.operator),
    )


def finish(tx: Connection, trial_id: str, answer: Mapping[str, Any]) -> None:
    """Where whoever asked still waits for it."""
    tx.execute(trials.update().where(trials.c.id == trial_id).values(state=_DONE, answer=dict(answer), text=""))


def standing(tx: Connection, trial_id: str) -> Standing:
    row = tx.execute(sa.select(trials.c.state, trials.c.answer).where(trials.c.id == trial_id)).first()
    if row is None:
        return Standing(taken=True, answer=None)
    return Standing(taken=row.state != _NEW, answer=row.answer if row.state == _DONE else None)


def remove(tx: Connection, trial_id: str) -> None:
    tx.execute(trials.delete().where(trials.c.id == trial_id))


def _seen_by(tx: Connection, name: str) -> Collection[str] | None:
    operator = operators.find(tx, name)
    if operator is None:
        return None if name == operators.COMMAND_LINE else ()
    return None if operator.all_accounts else operator.accounts


def _is_asked_for(now: datetime) -> Any:
    return sa.and_(trials.c.state == _NEW, trials.c.created_at > now - _NOT_ASKED_FOR_ANY_MORE)
