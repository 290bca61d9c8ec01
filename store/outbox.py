"""The outbox: one row is one request to Meta. A row is claimed, then asked for, then settled.

queued ──claim──▶ claimed ──settle──▶ sent | refused | unknown | queued again
queued ──▶ withdrawn (a person took over, or the assistant was switched off) | expired
unknown ──a report names it──▶ sent
unknown ──reports of later requests came, none of it──▶ queued, once
sent ──a report says that it failed, and that it may be sent again──▶ queued, once
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, NewType

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.account import Account, AccountId
from conversation.agent import Agent, AgentId
from conversation.conversation import Conversation, ConversationId
from conversation.message import Author, MessageStatus
from store import accounts, agents, conversations, messages, notices
from store.leases import Holder
from store.tables import accounts as accounts_table
from store.tables import outbox

OutboxId = NewType("OutboxId", int)


class Lane(str, Enum):
    MESSAGE = "message"  # one request after the other within a conversation
    SIGNAL = "signal"  # read receipts and typing: best effort, in no order


class OutboxState(str, Enum):
    QUEUED = "queued"
    CLAIMED = "claimed"  # one request may be started until the claim's deadline, or is under way
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"  # started, and nobody can say whether it was carried out
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


#: What is not settled.
OPEN_STATES = ("queued", "claimed", "unknown")
#: The same. Written out, not bound, in the words of the index, and with something to search in it for:
#: only then does SQLite read the few rows that the index holds, and not the table.
LIVE = sa.and_(
    outbox.c.state.in_(
        [
            sa.literal_column(f"'{state.value}'")
            for state in (OutboxState.QUEUED, OutboxState.CLAIMED, OutboxState.UNKNOWN)
        ]
    ),
    outbox.c.conversation_id > sa.literal_column("''"),
)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A request to be queued. Bot rows carry the numbers under which alone they may leave."""

    body: dict[str, Any]
    author: Author
    lane: Lane = Lane.MESSAGE
    message_id: int | None = None
    not_before: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Row:
    id: OutboxId
    conversation_id: ConversationId
    account_id: AccountId
    message_id: int | None
    lane: Lane
    author: Author
    body: dict[str, Any]
    ownership: int
    agent_id: AgentId | None
    agent_activation: int | None
    account_activation: int | None
    state: OutboxState
    attempts: int
    not_before: datetime | None
    expires_at: datetime | None
    claimed_at: datetime | None
    claim_deadline: datetime | None
    settled_at: datetime | None
    resent: bool


def from_row(row: Any) -> Row:
    return Row(
        id=OutboxId(row.id),
        conversation_id=ConversationId(row.conversation_id),
        account_id=AccountId(row.account_id),
        message_id=row.message_id,
        lane=Lane(row.lane),
        author=Author(row.author),
        body=row.body,
        ownership=row.ownership,
        agent_id=AgentId(row.agent_id) if row.agent_id else None,
        agent_activation=row.agent_activation,
        account_activation=row.account_activation,
        state=OutboxState(row.state),
        attempts=row.attempts,
        not_before=row.not_before,
        expires_at=row.expires_at,
        claimed_at=row.claimed_at,
        claim_deadline=row.claim_deadline,
        settled_at=row.settled_at,
        resent=row.resent,
    )


def queue(
    tx: Connection, draft: Draft, *, conversation: Conversation, account: Account, agent: Agent | None, now: datetime
) -> OutboxId:
    result = tx.execute(
        outbox.insert(),
        dict(
            conversation_id=conversation.id,
            account_id=account.id,
            message_id=draft.message_id,
            lane=draft.lane.value,
            author=draft.author.value,
            body=draft.body,
            ownership=conversation.ownership,
            agent_id=agent.id if agent else None,
            agent_activation=agent.activation if agent else None,
            account_activation=account.activation,
            state=OutboxState.QUEUED.value,
            attempts=0,
            not_before=draft.not_before,
            expires_at=draft.expires_at,
            created_at=now,
        ),
    )
    return OutboxId(int(result.inserted_primary_key[0]))


def due(
    tx: Connection,
    now: datetime,
    *,
    passing_unknown_after_s: float,
    resting: Collection[AccountId] = (),
    limit: int = 500,
) -> list[Row]:
    """Rows that may be claimed now: all due signals, and of each conversation the first message that is not settled.

    Of an account that is paused: what has become too old meanwhile; and once the pause is over, the one that tries.
    `resting`: accounts left out, so that what waits for their pace does not stand before the others.
    """
    recent = now - timedelta(seconds=passing_unknown_after_s)
    query = _DUE.where(outbox.c.account_id.not_in(list(resting))) if resting else _DUE
    found = tx.execute(query, {"now": now, "recent": recent, "most": limit}).all()
    trying = _who_try([from_row(row) for row in found if row.paused_until is not None], now)
    return [from_row(row) for row in found if row.paused_until is None or row.id in trying]


def _who_try(of_paused: Sequence[Row], now: datetime) -> set[OutboxId]:
    """One of each account; one that was refused before, if there is one: it knows how long the last wait was."""
    first = dict[AccountId, Row]()
    for row in sorted(of_paused, key=lambda row: (row.settled_at is None, row.id)):
        if row.lane is Lane.MESSAGE and not _is_too_old(row, now):
            first.setdefault(row.account_id, row)
    return {row.id for row in first.values()} | {row.id for row in of_paused if _is_too_old(row, now)}


def _is_too_old(row: Row, now: datetime) -> bool:
    return row.expires_at is not None and row.expires_at <= now


def _due() -> Any:
    """Built once. What later rows of a conversation wait for: not for ever where nobody knows what became of it."""
    instant = outbox.c.not_before.type
    now, recent = sa.bindparam("now", type_=instant), sa.bindparam("recent", type_=instant)
    blocking = sa.or_(
        outbox.c.state.in_([OutboxState.QUEUED.value, OutboxState.CLAIMED.value]),
        sa.and_(outbox.c.state == OutboxState.UNKNOWN.value, outbox.c.settled_at > recent),
    )
    heads = (
        sa.select(sa.func.min(outbox.c.id).label("id"))
        .where(outbox.c.lane == Lane.MESSAGE.value, LIVE, blocking)
        .group_by(outbox.c.conversation_id)
        .subquery()
    )
    too_old = outbox.c.expires_at <= now
    paused_until = accounts_table.c.paused_until
    ready = sa.and_(
        outbox.c.state == OutboxState.QUEUED.value,
        LIVE,
        sa.or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now, too_old),
        sa.or_(paused_until.is_(None), paused_until <= now, too_old),
    )
    return (
        sa.select(outbox, paused_until)
        .outerjoin(heads, heads.c.id == outbox.c.id)
        .outerjoin(accounts_table, accounts_table.c.id == outbox.c.account_id)
        .where(ready, sa.or_(outbox.c.lane == Lane.SIGNAL.value, heads.c.id.is_not(None)))
        .order_by(outbox.c.id + 0)  # sorted, not found in this order: that would be by reading the table
        .limit(sa.bindparam("most"))
    )


_DUE = _due()


#: When to come again with a request of this account; None: it may be made, and is counted.
MayGo = Callable[[Connection, Row, Account, datetime], "datetime | None"]


def claim(
    tx: Connection,
    row: Row,
    *,
    claimer: Holder,
    now: datetime,
    deadline: datetime,
    tries: bool = False,
    may_go: MayGo | None = None,
) -> Row | None:
    """The right to make this row's one request, or None: taken by another, or it may not leave any more, or not yet.

    `tries`: its account is paused, and this is the one that tries; see pauses.py. `may_go`: keeps the platform's pace;
    asked last, for it locks what all of the account share. What has to wait for it has not been tried.
    Account, agent and conversation are locked first, in that order: a switch-off or a take that returned cannot be
    followed by a claim made from what was true before it.
    """
    account = accounts.lock_shared(tx, row.account_id)
    agent = agents.lock_shared(tx, row.agent_id) if row.agent_id else None
    conversation = conversations.lock_shared(tx, row.conversation_id)
    if conversation.id != row.conversation_id:
        return None  # it was read before its conversation became another one: looked at anew
    if conversation.echo_held:
        return None  # until it is known who wrote that
    stop = why_not_leave(row, account, agent, conversation, now)
    if stop is not None:
        _give_up(tx, row, stop, now)
        return None
    if account.paused_until is not None and not tries:
        return None
    claimed = tx.execute(
        outbox.update()
        .where(
            outbox.c.id == row.id,
            outbox.c.state == OutboxState.QUEUED.value,
            outbox.c.attempts == row.attempts,
            sa.or_(outbox.c.not_before.is_(None), outbox.c.not_before <= now),
        )
        .values(
            state=OutboxState.CLAIMED.value,
            attempts=row.attempts + 1,
            claimed_by=str(claimer),
            claimed_at=now,
            claim_deadline=deadline,
        )
    )
    if not claimed.rowcount:
        return None
    again_at = may_go(tx, row, account, now) if may_go is not None else None
    if again_at is not None:
        _wait_for_its_turn(tx, row, again_at)
        return None
    if row.message_id is not None:
        messages.set_status(tx, row.message_id, MessageStatus.SENDING)
    return from_row(tx.execute(sa.select(outbox).where(outbox.c.id == row.id)).one())


def _wait_for_its_turn(tx: Connection, row: Row, again_at: datetime) -> None:
    """As it was before the claim, which nobody has seen."""
    tx.execute(
        outbox.update()
        .where(outbox.c.id == row.id)
        .values(
            state=OutboxState.QUEUED.value,
            attempts=row.attempts,
            claimed_at=row.claimed_at,
            claim_deadline=row.claim_deadline,
            not_before=again_at,
        )
    )


def why_not_leave(
    row: Row, account: Account, agent: Agent | None, conversation: Conversation, now: datetime
) -> OutboxState | None:
    """The gate at the claim. Numbers, not states: switched off and on, or taken and given back, an old row stays."""
    if account.removed_at is not None:
        return OutboxState.WITHDRAWN
    sign = row.lane is Lane.SIGNAL
    if row.author not in (Author.BOT, Author.SYSTEM) and not sign:
        return None
    if row.ownership != conversation.ownership:
        return OutboxState.WITHDRAWN
    if row.expires_at is not None and row.expires_at <= now:
        return OutboxState.EXPIRED
    if row.author is not Author.BOT:  # by a person, or by the rules: whichever assistant there is
        return None
    if agent is None or (row.agent_id, row.agent_activation) != (agent.id, agent.activation):
        return OutboxState.WITHDRAWN
    if row.account_activation != account.activation:
        return OutboxState.WITHDRAWN
    return None


def _give_up(tx: Connection, row: Row, state: OutboxState, now: datetime) -> None:
    given_up = tx.execute(
        outbox.update()
        .where(_as_it_was_read(row), outbox.c.state == OutboxState.QUEUED.value)
        .values(state=state.value, settled_at=now)
    )
    if given_up.rowcount and row.message_id is not None:
        messages.set_status(tx, row.message_id, MessageStatus(state.value))


def _as_it_was_read(row: Row) -> Any:
    """Not where it may leave under another number since: two conversations became one."""
    return sa.and_(outbox.c.id == row.id, outbox.c.ownership == row.ownership)


def withdraw_bot_rows(tx: Connection, conversation_id: ConversationId, now: datetime) -> int:
    """Withdraws what the assistant has said but nobody has claimed yet."""
    query = sa.select(outbox).where(
        outbox.c.conversation_id == conversation_id,
        outbox.c.state == OutboxState.QUEUED.value,
        outbox.c.author == Author.BOT.value,
    )
    rows = [from_row(row) for row in tx.execute(query.order_by(outbox.c.id).with_for_update())]
    for row in rows:
        _give_up(tx, row, OutboxState.WITHDRAWN, now)
    return len(rows)


def withdraw_signals(tx: Connection, conversation_id: ConversationId, now: datetime) -> None:
    """A typing sign that has not left when the answer is there would only stand under it."""
    tx.execute(
        outbox.update()
        .where(
            outbox.c.conversation_id == conversation_id,
            outbox.c.lane == Lane.SIGNAL.value,
            outbox.c.state == OutboxState.QUEUED.value,
        )
        .values(state=OutboxState.WITHDRAWN.value, settled_at=now)
    )


def where_it_is(tx: Connection, row: Row) -> Row:
    """The same, in the conversation that it is in by now: the one that it was claimed in may have become another."""
    conversation_id = tx.execute(sa.select(outbox.c.conversation_id).where(outbox.c.id == row.id)).scalar()
    return row if conversation_id in (None, row.conversation_id) else replace(row, conversation_id=conversation_id)


def settle(
    tx: Connection,
    row: Row,
    state: OutboxState,
    *,
    now: datetime,
    provider_id: str | None = None,
    error: str | None = None,
    not_before: datetime | None = None,
    counts: bool = True,
) -> bool:
    """Writes down what became of a claim; only that claim can. QUEUED: it may be claimed again. `counts`: as a try.

    A report may have come before the answer: then nothing is unknown any more.
    """
    if state is OutboxState.UNKNOWN and row.message_id is not None and _is_witnessed(tx, row.id, row.message_id):
        state = OutboxState.SENT
    settled = tx.execute(
        outbox.update()
        .where(
            outbox.c.id == row.id,
            outbox.c.state == OutboxState.CLAIMED.value,
            outbox.c.attempts == row.attempts,
            outbox.c.claimed_at == row.claimed_at,
        )
        .values(
            state=state.value,
            error=error,
            not_before=not_before,
            settled_at=now,
            attempts=row.attempts if counts else row.attempts - 1,
        )
    )
    if not settled.rowcount:
        return False
    if row.message_id is not None:
        status = _MESSAGE_STATUS[state]
        messages.set_status(tx, row.message_id, status, provider_id=provider_id, error=error, at=now)
        if status is MessageStatus.ACCEPTED:
            notices.add(tx, "status", row.conversation_id, {"message": row.message_id, "status": status.value}, now)
    return True


def _is_witnessed(tx: Connection, row_id: OutboxId, message_id: int) -> bool:
    """The row is locked first: a report that is just being written down is waited for, and then seen."""
    tx.execute(sa.select(outbox.c.id).where(outbox.c.id == row_id).with_for_update())
    return messages.reported_on(tx, message_id)


_MESSAGE_STATUS = {
    OutboxState.QUEUED: MessageStatus.QUEUED,
    OutboxState.SENT: MessageStatus.ACCEPTED,
    OutboxState.REFUSED: MessageStatus.FAILED,
    OutboxState.UNKNOWN: MessageStatus.UNKNOWN,
}


def find(tx: Connection, row_id: int, account_id: AccountId) -> Row | None:
    """One of this account's own."""
    row = tx.execute(sa.select(outbox).where(outbox.c.id == row_id, outbox.c.account_id == account_id)).first()
    return from_row(row) if row else None


def in_flight(
    tx: Connection,
    *,
    conversation_id: str | None = None,
    agent_id: str | None = None,
    account_id: str | None = None,
) -> int:
    """Requests of the assistant's that are claimed and not settled: they may still reach Meta."""
    query = (
        sa.select(sa.func.count())
        .select_from(outbox)
        .where(outbox.c.state == OutboxState.CLAIMED.value, outbox.c.author == Author.BOT.value)
    )
    for column, value in (
        (outbox.c.conversation_id, conversation_id),
        (outbox.c.agent_id, agent_id),
        (outbox.c.account_id, account_id),
    ):
        if value is not None:
            query = query.where(column == value)
    return tx.execute(query).scalar_one()


def states_of(tx: Connection, ids: Iterable[int]) -> dict[int, OutboxState]:
    rows = tx.execute(sa.select(outbox.c.id, outbox.c.state).where(outbox.c.id.in_(list(ids))))
    return {row.id: OutboxState(row.state) for row in rows}
