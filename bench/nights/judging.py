"""What became of everybody in the end, told from the database: who is stranded, and who waited without a word."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.conversation import Conversation, HandoverState, Status
from conversation.deadlines import Deadline
from conversation.handover import PHONE
from conversation.mail import MailState
from conversation.message import Author, Direction, MessageStatus
from store import conversations
from store.tables import conversations as conversation_table
from store.tables import deadlines, handovers, mailbox, messages, notices

#: A rule that is so late is carried out by nobody.
_OVERDUE = timedelta(minutes=10)
_SAID = frozenset(each.value for each in MessageStatus) - {
    MessageStatus.WITHDRAWN.value, MessageStatus.EXPIRED.value, MessageStatus.FAILED.value,
}  # fmt: skip


@dataclass(kw_only=True)
class Judged:
    stranded: Counter[str] = field(default_factory=Counter)
    longest_untold_s: float = 0.0
    untold: int = 0  # were never told anything after they wrote
    ever_pending: int = 0
    standing: Counter[str] = field(default_factory=Counter)


def judge(tx: Connection, now: datetime, there: Collection[str]) -> Judged:
    """`there`: who really is."""
    judged = Judged()
    due = _due(tx)
    told = set(tx.execute(sa.select(notices.c.conversation_id).distinct()).scalars())
    mail = set(tx.execute(sa.select(mailbox.c.conversation_id).where(mailbox.c.state == MailState.NEW.value)).scalars())
    said, waits = _said(tx), _pending(tx, now)
    for row in tx.execute(sa.select(conversation_table)):
        conversation = conversations.from_row(row)
        judged.standing[f"{conversation.state.value}/{conversation.status.value}"] += 1
        why = _stranded(conversation, due[conversation.id], now, there, conversation.id in told)
        if conversation.id in mail:
            why = "mail that nobody decided about"
        judged.ever_pending += bool(waits[conversation.id])
        gap_s, untold = _untold(said[conversation.id], waits[conversation.id], now)
        judged.longest_untold_s = max(judged.longest_untold_s, gap_s)
        judged.untold += untold
        if untold and why is None and conversation.state is HandoverState.BOT:
            why = "wrote, and nobody answered"
        if why is not None:
            judged.stranded[why] += 1
    return judged


def _stranded(
    conversation: Conversation, due: dict[Deadline, datetime], now: datetime, there: Collection[str], told: bool
) -> str | None:
    if any(at < now - _OVERDUE for at in due.values()):
        return "a time came, and nothing happened"
    if conversation.status is Status.SNOOZED:
        return None if Deadline.WAKE in due else "snoozed for ever"
    if conversation.status is not Status.OPEN:
        return None
    alone = conversation.owner not in {*there, PHONE} and not due
    if conversation.state is HandoverState.HUMAN and alone:
        return "its owner is gone"
    if conversation.state is HandoverState.PENDING and not due and not told:
        return "waits, and nobody was told"
    return None


def _due(tx: Connection) -> dict[str, dict[Deadline, datetime]]:
    found: dict[str, dict[Deadline, datetime]] = defaultdict(dict)
    for row in tx.execute(sa.select(deadlines)):
        found[row.conversation_id][Deadline(row.kind)] = row.due_at
    return found


def _said(tx: Connection) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in tx.execute(sa.select(messages).order_by(messages.c.at, messages.c.id)):
        found[row.conversation_id].append(row)
    return found


def _pending(tx: Connection, now: datetime) -> dict[str, list[tuple[datetime, datetime]]]:
    """From when until when each waited for a person."""
    found: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    began: dict[str, datetime] = {}
    waits = HandoverState.PENDING.value
    for row in tx.execute(sa.select(handovers).order_by(handovers.c.id)):
        if row.after == waits:
            began.setdefault(row.conversation_id, row.at)
        elif row.before == waits and row.conversation_id in began:
            found[row.conversation_id].append((began.pop(row.conversation_id), row.at))
    for conversation_id, since in began.items():
        found[conversation_id].append((since, now))
    return found


def _untold(said: Sequence[Any], waits: Sequence[tuple[datetime, datetime]], now: datetime) -> tuple[float, bool]:
    """The longest from what a customer wrote until anything was said to them; whether that goes on.

    Who waits for a person and was told so in this wait is told already.
    """
    longest, since, last_word = timedelta(), None, None
    for message in said:
        if message.direction == Direction.INBOUND.value:
            in_wait = next((began for began, ended in waits if began <= message.at < ended), None)
            knows = in_wait is not None and last_word is not None and last_word >= in_wait
            since = since or (None if knows else message.at)
        elif message.status in _SAID and message.author in _VOICES:
            last_word = message.at
            if since is not None:
                longest, since = max(longest, message.at - since), None
    if since is not None:
        longest = max(longest, now - since)
    return longest.total_seconds(), since is not None


_VOICES = frozenset({Author.BOT.value, Author.OPERATOR.value, Author.SYSTEM.value})
