"""A database that comes back from a backup knows nothing of what was done since: what must not be done again is here.

`former` is the database it takes the place of, where that can still be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.agent import AgentStatus
from conversation.conversation import ConversationId, HandoverState
from conversation.handover import Command
from conversation.message import MessageStatus
from store import conversations, handovers, messages, notices
from store.outbox import Lane, OutboxState
from store.tables import accounts, agents, leases, mailbox, metadata, outbox, timers
from store.tables import conversations as conversations_table

#: Numbers that the lost time may have given out, to rows that status reports and screens still name.
_NUMBERS_SKIPPED = 1_000_000
WHY = "restored"


@dataclass(frozen=True, kw_only=True)
class Former:
    """What the former database knows of who may speak, and which numbers it gave out. By columns that every version of
    the schema has."""

    agents: Mapping[str, Any] = field(default_factory=dict)
    accounts: Mapping[str, Any] = field(default_factory=dict)
    conversations: Mapping[str, Any] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)


def read_former(tx: Connection) -> Former:
    def by_id(*columns: sa.Column[Any]) -> dict[str, Any]:
        return {row.id: row for row in tx.execute(sa.select(*columns))}

    c = conversations_table.c
    return Former(
        agents=by_id(agents.c.id, agents.c.status, agents.c.activation),
        accounts=by_id(accounts.c.id, accounts.c.active, accounts.c.auto_response, accounts.c.activation),
        conversations=by_id(c.id, c.state, c.owner, c.ownership),
        numbers={table.name: _highest(tx, table) for table in _numbered()},
    )


def forget_sends(tx: Connection, now: datetime) -> int:
    """What waited to be sent has probably been sent since: nobody can say, so nobody sends it. How many messages.

    `resent`, for the witness is no help: the reports that would have named them came in the lost time.
    """
    signals = outbox.update().where(outbox.c.lane == Lane.SIGNAL.value, outbox.c.state == OutboxState.QUEUED.value)
    tx.execute(signals.values(state=OutboxState.WITHDRAWN.value, settled_at=now))
    open_ = outbox.c.state.in_([OutboxState.QUEUED.value, OutboxState.CLAIMED.value])
    rows = tx.execute(sa.select(outbox).where(open_).order_by(outbox.c.id)).all()
    tx.execute(outbox.update().where(open_).values(state=OutboxState.UNKNOWN.value, error=WHY, settled_at=now))
    tx.execute(outbox.update().where(outbox.c.state == OutboxState.UNKNOWN.value).values(resent=True))
    for row in rows:
        if row.message_id is None:
            continue
        messages.set_status(tx, row.message_id, MessageStatus.UNKNOWN, error=WHY, at=now)
        facts = {"message": row.message_id, "state": OutboxState.UNKNOWN.value}
        notices.add(tx, "failed", row.conversation_id, facts, now)
    return sum(1 for row in rows if row.lane == Lane.MESSAGE.value)


def forget_due_timers(tx: Connection, now: datetime) -> int:
    """They fired in the lost time."""
    return int(tx.execute(timers.delete().where(timers.c.due_at <= now)).rowcount)


def forget_leases(tx: Connection) -> None:
    tx.execute(leases.delete())


def conversations_with_mail(tx: Connection) -> list[ConversationId]:
    query = sa.select(mailbox.c.conversation_id).where(mailbox.c.state == "new").distinct()
    return [ConversationId(each) for each in tx.execute(query.order_by(mailbox.c.conversation_id)).scalars()]


def start_from_known_points(tx: Connection) -> None:
    """A form that was open then may long be filled in."""
    tx.execute(conversations_table.update().values(return_due=True))


def skip_numbers(tx: Connection, former: Former) -> None:
    """A late report on a row of the lost time must not be taken for one of a row made now."""
    for table in _numbered():
        highest = max(_highest(tx, table), former.numbers.get(table.name, 0)) + _NUMBERS_SKIPPED
        if tx.dialect.name == "sqlite":
            tx.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
            tx.execute(
                sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"),
                {"name": table.name, "seq": highest},
            )
        else:
            tx.execute(
                sa.text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :seq)"),
                {"name": table.name, "seq": highest},
            )


def keep_silence(tx: Connection, former: Former, now: datetime) -> int:
    """Whoever was silenced in the lost time stays so: what a person took is theirs, what was switched off is off.
    How many. The numbers of who may speak never go back."""
    silenced = sum(_keep_agent(tx, row, former.agents.get(row.id)) for row in tx.execute(sa.select(agents)).all())
    silenced += sum(
        _keep_account(tx, row, former.accounts.get(row.id)) for row in tx.execute(sa.select(accounts)).all()
    )
    for row in tx.execute(sa.select(conversations_table)).all():
        silenced += _keep_conversation(tx, row, former.conversations.get(row.id), now)
    return silenced


def _keep_agent(tx: Connection, row: Any, former: Any) -> int:
    if former is None:
        return 0
    silent = former.status != AgentStatus.ACTIVE.value and row.status == AgentStatus.ACTIVE.value
    values = {
        "activation": max(row.activation, former.activation) + 1,
        "status": former.status if silent else row.status,
    }
    tx.execute(agents.update().where(agents.c.id == row.id).values(**values))
    return int(silent)


def _keep_account(tx: Connection, row: Any, former: Any) -> int:
    if former is None:
        return 0
    values = {
        "activation": max(row.activation, former.activation) + 1,
        "active": row.active and former.active,
        "auto_response": row.auto_response and former.auto_response,
    }
    tx.execute(accounts.update().where(accounts.c.id == row.id).values(**values))
    return int((values["active"], values["auto_response"]) != (row.active, row.auto_response))


def _keep_conversation(tx: Connection, row: Any, former: Any, now: datetime) -> int:
    if former is None:
        return 0
    if former.ownership >= row.ownership:
        conversations.change(tx, row.id, ownership=former.ownership + 1)
    if former.state != HandoverState.HUMAN.value or row.state == HandoverState.HUMAN.value:
        return 0
    handovers.command(tx, row.id, Command.TAKE, by=former.owner, now=now, reason=WHY)
    return 1


def _numbered() -> list[sa.Table]:
    """The tables whose rows number themselves."""
    return [table for table in metadata.sorted_tables if table.dialect_options["sqlite"].get("autoincrement")]


def _highest(tx: Connection, table: sa.Table) -> int:
    """The highest number it ever gave; of PostgreSQL, the highest there is."""
    if tx.dialect.name == "sqlite":
        given = tx.execute(sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}).scalar()
    else:
        given = tx.execute(sa.select(sa.func.max(table.c.id))).scalar()
    return int(given or 0)
