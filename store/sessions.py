"""What an agent's talks came to, read from the trackers: when each latest session began, and what was understood."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.contact import Contact, ContactId
from conversation.conversation import Conversation
from store import contacts, context, conversations, llm_calls, tracker_rows, trackers
from store.llm_calls import Spent
from store.tables import accounts, tracker_events
from store.tables import conversations as talks
from store.tables import trackers as table
from store.tracker_rows import Position

#: A stretch between two messages of the customer's is read so far at most.
_MOST_EVENTS = 2_000
#: In how many of a session's last messages an intent is looked for; a person's stretch has none.
_LOOKED_AT = 20
#: In the metadata of a session's start: who had the assistant forget.
_FORGOTTEN_BY = "forgotten_by"
#: What `handovers` notes of who has the conversation: an utterance of Rasa's, but none of anybody's.
_HANDOVER_NOTE = '%"metadata":{"handover":%'
_moment = sa.func.coalesce(talks.c.last_inbound_at, talks.c.created_at)

Numbered = tuple[int, Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Session:
    """The latest session of a conversation's tracker. `events`: how many are in it, `messages` of them what somebody
    wrote or was told. `seq`: the last one's number. `forgotten_at`: when it began, where it did because somebody had
    the assistant forget what was before. `spent`: what the account's agent cost in it."""

    conversation: Conversation
    contact: Contact
    began_at: datetime | None
    last_active_at: datetime | None
    forgotten_at: datetime | None
    messages: int
    spent: Spent
    events: int
    seq: int
    last_intent: str | None
    slots: Mapping[str, Any]


def page(
    tx: Connection,
    agent_id: str,
    *,
    account_ids: Collection[str] | None = None,
    after: str | None = None,
    limit: int,
) -> list[Session]:
    """Of the accounts that the agent answers on, the latest word first; `after` is the id the last page ended with."""
    query = (
        sa.select(talks)
        .join(accounts, accounts.c.id == talks.c.account_id)
        .join(table, table.c.sender_id == talks.c.id)
        .where(accounts.c.agent_id == agent_id)
    )
    if account_ids is not None:
        query = query.where(talks.c.account_id.in_(list(account_ids)))
    if after is not None:
        last = conversations.get(tx, after)
        when = last.last_inbound_at or last.created_at
        query = query.where(sa.or_(_moment < when, sa.and_(_moment == when, talks.c.id < after)))
    rows = tx.execute(query.order_by(_moment.desc(), talks.c.id.desc()).limit(limit)).all()
    found = [conversations.from_row(row) for row in rows]
    contact_of = contacts.several(tx, [ContactId(each.contact_id) for each in found])
    return [_session(tx, each, contact_of[ContactId(each.contact_id)]) for each in found]


def one(tx: Connection, conversation_id: str) -> Session:
    conversation = conversations.get(tx, conversation_id)
    return _session(tx, conversation, contacts.get(tx, ContactId(conversation.contact_id)))


def _session(tx: Connection, conversation: Conversation, contact: Contact) -> Session:
    at = trackers.position(tx, conversation.id)
    found = dict(trackers.numbered(tx, conversation.id, [at.session_seq, at.seq]))
    first, last = found.get(at.session_seq, {}), found.get(at.seq, {})
    began_at = moment(first)
    return Session(
        conversation=conversation,
        contact=contact,
        began_at=began_at,
        last_active_at=moment(last),
        forgotten_at=began_at if (first.get("metadata") or {}).get(_FORGOTTEN_BY) else None,
        messages=_messages(tx, conversation.id, at),
        spent=_spent(tx, conversation, began_at),
        events=at.seq - at.session_seq + 1 if at.seq else 0,
        seq=at.seq,
        last_intent=_last_intent(tx, conversation.id, at),
        slots=context.slots(tx, conversation.id),
    )


def _messages(tx: Connection, conversation_id: str, at: Position) -> int:
    of_it = (tracker_events.c.sender_id == conversation_id, tracker_events.c.seq >= at.session_seq)
    said = sa.and_(tracker_events.c.type.in_(["user", "bot"]), tracker_events.c.event.not_like(_HANDOVER_NOTE))
    return tx.execute(sa.select(sa.func.count()).select_from(tracker_events).where(*of_it, said)).scalar_one()


def _spent(tx: Connection, conversation: Conversation, began_at: datetime | None) -> Spent:
    agent_id = sa.select(accounts.c.agent_id).where(accounts.c.id == conversation.account_id)
    whose = tx.execute(agent_id).scalar_one()
    return llm_calls.of_session(tx, conversation.id, whose, began_at or conversation.created_at)


def _last_intent(tx: Connection, conversation_id: str, at: Position) -> str | None:
    rows = tx.execute(
        sa.select(tracker_events.c.event)
        .where(_users(conversation_id), tracker_events.c.seq >= at.session_seq)
        .order_by(tracker_events.c.seq.desc())
        .limit(_LOOKED_AT)
    ).scalars()
    for event in map(trackers.decode, rows):
        name: str | None = ((event.get("parse_data") or {}).get("intent") or {}).get("name")
        if name:
            return name
    return None


def stretch(
    tx: Connection, conversation_id: str, *, before: int | None, since: int = 1, messages: int
) -> list[list[Numbered]]:
    """The last so many messages of the customer's, each with the events up to the next one, the oldest first.

    `before`: only events with a lower number; `since`: none with a lower one. What comes before the first message of
    all is a stretch of its own.
    """
    end = tracker_rows.position(tx, conversation_id).seq + 1 if before is None else before
    inside = sa.and_(tracker_events.c.seq < end, tracker_events.c.seq >= since)
    starts = list(
        tx.execute(
            sa.select(tracker_events.c.seq)
            .where(_users(conversation_id), inside)
            .order_by(tracker_events.c.seq.desc())
            .limit(messages + 1)
        ).scalars()
    )
    is_all = len(starts) <= messages
    kept = [*reversed(starts[:messages])]
    if is_all and (not kept or kept[0] > since):
        kept.insert(0, since)
    bounds = [*kept, end]
    return [_between(tx, conversation_id, bounds[i], bounds[i + 1]) for i in range(len(kept)) if kept[i] < end]


def _between(tx: Connection, conversation_id: str, first: int, end: int) -> list[Numbered]:
    last = min(end, first + _MOST_EVENTS) - 1
    return list(trackers.numbered_after(tx, conversation_id, first - 1, until=last))


def _users(conversation_id: str) -> Any:
    return sa.and_(tracker_events.c.sender_id == conversation_id, tracker_events.c.type == "user")


def moment(event: Mapping[str, Any]) -> datetime | None:
    stamp = event.get("timestamp")
    return None if not stamp else datetime.fromtimestamp(stamp, timezone.utc)


def forget(tx: Connection, conversation_id: str, *, by: str, now: datetime) -> Position:
    """A new session begins, with every slot as it is in the beginning and nothing open: the known point, with nothing
    carried over. What was said is kept. A worker that has the tracker in memory reads these events before its next
    turn, and a turn that is under way does not commit on what it remembers.
    """
    conversations.lock(tx, conversation_id)
    return trackers.append(tx, conversation_id, _nothing_remembered(by, now), now=now)


def _nothing_remembered(by: str, now: datetime) -> Sequence[Mapping[str, Any]]:
    at = {"timestamp": now.timestamp()}
    return (
        {"event": "action", **at, "name": "action_session_start", "metadata": {_FORGOTTEN_BY: by}},
        {"event": "session_started", **at, "metadata": {_FORGOTTEN_BY: by}},
        {"event": "action", **at, "name": "action_listen"},
    )
