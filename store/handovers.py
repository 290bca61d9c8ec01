"""Who answers: each change of it with its log line, its request and its notice, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation import handover
from conversation.conversation import Conversation, ConversationId, HandoverState
from conversation.errors import Refused
from conversation.handover import Command, RequestState
from store import conversations, notices
from store.tables import handovers, requests

#: The slot by which the dialogue asks for a person. Set: a request. Set to nothing: the customer changed their mind.
REQUEST_SLOT = "handover_request"


@dataclass(frozen=True, kw_only=True)
class Change:
    before: Conversation
    after: Conversation

    @property
    def moved(self) -> bool:
        return self.before.ownership != self.after.ownership


def command(
    tx: Connection,
    conversation_id: str,
    order: Command,
    *,
    by: str,
    now: datetime,
    reason: str | None = None,
    state: HandoverState | None = None,
    force: bool = False,
) -> Change:
    """Carries out a command, or raises `Refused`. `state`: where a released one must not go back to the bot."""
    before = conversations.lock(tx, conversation_id)
    cell = handover.after(before.state, order, owner=before.owner, by=by, force=force)
    new_state = state or cell.state
    owner = by if new_state is HandoverState.HUMAN else None
    after = replace(before, state=new_state, owner=owner, ownership=before.ownership + cell.moves)
    if order is Command.RELEASE:
        after = replace(after, return_due=True)
    if order in (Command.TAKE, Command.REPLY):
        after = replace(after, unread=0, owner=by)
    if after == before:
        return Change(before=before, after=after)
    conversations.change(
        tx,
        before.id,
        state=after.state.value,
        owner=after.owner,
        ownership=after.ownership,
        return_due=after.return_due,
        unread=after.unread,
    )
    if (before.state, before.owner) != (after.state, after.owner):
        _log(tx, before, after, order, by, reason, now)
        _end_request(tx, before.id, after.state, now)
        notices.add(
            tx,
            "handover",
            before.id,
            {"state": after.state.value, "owner": after.owner, "command": order.value, "reason": reason},
            now,
        )
    return Change(before=before, after=after)


def project(
    tx: Connection, conversation_id: ConversationId, events: Sequence[Mapping[str, Any]], now: datetime
) -> None:
    """What tracker events mean for who answers: the dialogue orders nothing, the rules decide."""
    for event in events:
        wish = _wish(event)
        if wish is None:
            continue
        try:
            if wish:
                _ask(tx, conversation_id, wish, now)
            else:
                command(tx, conversation_id, Command.CANCEL, by="customer", now=now)
        except Refused:
            continue  # a person has it already, or nobody was asked for: as it should be


def _wish(event: Mapping[str, Any]) -> dict[str, Any] | None:
    """The request an event makes; `{}` when it takes one back; None when it is about something else."""
    if event["event"] == "pause":  # a story, or Rasa's HTTP API, paused the dialogue: it wants a person
        return {"reason": "paused"}
    if event["event"] == "slot" and event.get("name") == REQUEST_SLOT:
        value = event.get("value")
        return (value if isinstance(value, dict) else {"reason": str(value)}) if value else {}
    return None


def _ask(tx: Connection, conversation_id: ConversationId, wish: dict[str, Any], now: datetime) -> None:
    reason = str(wish.get("reason", "asked"))[:120]
    command(tx, conversation_id, Command.REQUEST, by="assistant", now=now, reason=reason)
    open_already = tx.execute(
        sa.select(requests.c.id).where(
            requests.c.conversation_id == conversation_id, requests.c.state == RequestState.PENDING.value
        )
    ).first()
    if open_already is None:
        tx.execute(
            requests.insert(),
            dict(
                conversation_id=conversation_id,
                state=RequestState.PENDING.value,
                reason=reason,
                details=wish,
                created_at=now,
            ),
        )


def _end_request(tx: Connection, conversation_id: ConversationId, state: HandoverState, now: datetime) -> None:
    if state is HandoverState.PENDING:
        return
    ended = RequestState.ANSWERED if state is HandoverState.HUMAN else RequestState.CANCELLED
    tx.execute(
        requests.update()
        .where(requests.c.conversation_id == conversation_id, requests.c.state == RequestState.PENDING.value)
        .values(state=ended.value, ended_at=now)
    )


def _log(
    tx: Connection,
    before: Conversation,
    after: Conversation,
    order: Command,
    by: str,
    reason: str | None,
    now: datetime,
) -> None:
    tx.execute(
        handovers.insert(),
        dict(
            conversation_id=before.id,
            command=order.value,
            by=by,
            before=before.state.value,
            after=after.state.value,
            ownership=after.ownership,
            reason=reason,
            at=now,
        ),
    )


def log_of(tx: Connection, conversation_id: str) -> list[dict[str, Any]]:
    rows = tx.execute(
        sa.select(handovers).where(handovers.c.conversation_id == conversation_id).order_by(handovers.c.id)
    )
    return [dict(row._mapping) for row in rows]


def requests_of(tx: Connection, conversation_id: str) -> list[dict[str, Any]]:
    rows = tx.execute(sa.select(requests).where(requests.c.conversation_id == conversation_id).order_by(requests.c.id))
    return [dict(row._mapping) for row in rows]
