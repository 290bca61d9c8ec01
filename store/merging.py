"""Two contacts that are one customer, and their two conversations: one of each goes on, and has all that the other had.

One transaction, in the order of locks: both conversations by their ids, then the contacts. Account and agent are not
asked: a merge gives nothing to the assistant that it did not have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation import merging as rules
from conversation import opt_outs
from conversation.account import Account
from conversation.contact import ContactId
from conversation.conversation import Conversation, ConversationId
from conversation.errors import NotFound, Refused
from conversation.handover import RequestState
from conversation.mail import MailState
from conversation.merging import BOT, HUMAN, PENDING, Merged
from conversation.opt_outs import By
from conversation.said import say
from store import (
    accounts,
    alerts,
    conversations,
    erasing,
    former_ids,
    handovers,
    merged_rows,
    notices,
    outbox,
    requests,
    tracker_rows,
)
from store.tables import addresses, contacts, mailbox, media
from store.tables import conversations as table
from store.tables import handovers as log

COMMAND = "merge"


@dataclass(frozen=True, kw_only=True)
class Done:
    """`contact` and `conversation` go on; the others were merged into them. `conversation` None: nobody has written."""

    contact: ContactId
    contact_was: ContactId
    conversation: ConversationId | None
    conversation_was: ConversationId | None = None


def merge(tx: Connection, one: str, other: str, *, by: str, now: datetime) -> Done | None:
    """None: they are one already. `Refused` where they are not of one account, or one is being erased."""
    one, other = former_ids.resolved(tx, one), former_ids.resolved(tx, other)
    if one == other:
        return None
    talks = _locked(tx, one, other)
    people = {row.id: row for row in tx.execute(_these(one, other).with_for_update())}
    is_old = former_ids.now_called(tx, one) or former_ids.now_called(tx, other)
    if is_old or len(talks) != _count_talks(tx, one, other):  # while this waited for the locks
        return merge(tx, one, other, by=by, now=now)
    for contact in (one, other):
        if contact not in people:
            raise NotFound(say("There is no contact {contact}.", contact=contact))
    _refuse(tx, list(people.values()))
    into, was = sorted(people.values(), key=lambda row: (row.created_at, row.id))
    done = _of_contacts(tx, into, was, talks, by, now)
    _move_contact(tx, into, was)
    former_ids.add(tx, was.id, into.id, former_ids.CONTACT, now)
    return done


def _these(one: str, other: str) -> Any:
    return sa.select(contacts).where(contacts.c.id.in_([one, other])).order_by(contacts.c.id)


def _locked(tx: Connection, one: str, other: str) -> list[Conversation]:
    """Against those too who only refer to one of them: it may be deleted."""
    theirs = sa.select(table).where(table.c.contact_id.in_([one, other])).order_by(table.c.id).with_for_update()
    return [conversations.from_row(row) for row in tx.execute(theirs)]


def _count_talks(tx: Connection, one: str, other: str) -> int:
    """Asked once the contacts are locked: from then on neither gets one."""
    theirs = sa.select(sa.func.count()).select_from(table).where(table.c.contact_id.in_([one, other]))
    return tx.execute(theirs).scalar_one()


def _refuse(tx: Connection, people: Sequence[Any]) -> None:
    if len({row.account_id for row in people}) > 1:
        raise Refused(say("They are contacts of different accounts."), code="other_account")
    if any(erasing.is_under_way(tx, row.id) for row in people):
        raise Refused(say("What is known of one of them is being erased."), code="being_erased")


def _of_contacts(tx: Connection, into: Any, was: Any, talks: list[Conversation], by: str, now: datetime) -> Done:
    found = sorted(talks, key=lambda each: (each.created_at, each.id))
    known = ContactId(into.id), ContactId(was.id)
    if len(found) == 2:
        stays, goes = found
        account = accounts.get(tx, stays.account_id)
        merged = rules.merged(stays, goes, now, unanswered=_is_unanswered(tx, found))
        _move_conversation(tx, merged, account, into.id, by, now)
        _tell(tx, merged, account, was.id, by, now)
        return Done(contact=known[0], contact_was=known[1], conversation=stays.id, conversation_was=goes.id)
    only = found[0].id if found else None
    if only is not None:
        conversations.change(tx, only, contact_id=into.id)
        notices.add(tx, "merged", only, {"was": None, "contact_was": was.id, "by": by}, now)
    return Done(contact=known[0], contact_was=known[1], conversation=only)


def _is_unanswered(tx: Connection, talks: Sequence[Conversation]) -> bool:
    """Whether something waits that the assistant was to answer."""
    bots = [each.id for each in talks if each.state is not HUMAN]
    waits = sa.and_(mailbox.c.conversation_id.in_(bots), mailbox.c.state == MailState.NEW.value)
    return tx.execute(sa.select(mailbox.c.id).where(waits).limit(1)).first() is not None


def _move_conversation(
    tx: Connection, merged: Merged, account: Account, contact_id: str, by: str, now: datetime
) -> None:
    into, was, after = merged.into, merged.was, merged.after
    if into.state is PENDING and was.state is PENDING:
        alerts.settled(tx, was.id, now)  # who waits is told of once
    merged_rows.move_all(tx, merged, now)
    tx.execute(table.delete().where(table.c.id == was.id))
    former_ids.add(tx, was.id, into.id, former_ids.CONVERSATION, now)
    conversations.put(tx, after)
    conversations.change(
        tx,
        into.id,
        contact_id=contact_id,
        last_inbound_at=after.last_inbound_at,
        last_inbound_id=after.last_inbound_id,
        created_at=after.created_at,
        language=after.language,
        thread_owner=after.thread_owner,
        echo_held=after.echo_held,
    )
    if after.state is HUMAN:
        outbox.withdraw_bot_rows(tx, into.id, now)
    handovers.refresh_deadlines(tx, conversations.get(tx, into.id), account, now)
    if merged.lively.state is not after.state:
        facts = {"handover": COMMAND, "state": after.state.value, "by": by}
        event = {"event": "bot", "timestamp": now.timestamp(), "text": None, "data": {}, "metadata": facts}
        tracker_rows.write(tx, into.id, tracker_rows.position(tx, into.id), [event])


def _tell(tx: Connection, merged: Merged, account: Account, contact_was: str, by: str, now: datetime) -> None:
    """The log's line, and those who look on: also whoever had the other one, and has it no more."""
    into, after = merged.into, merged.after
    line = {
        "conversation_id": into.id,
        "command": COMMAND,
        "by": by,
        "before": into.state.value,
        "after": after.state.value,
        "status_before": into.status.value,
        "status_after": after.status.value,
        "owner_before": merged.passed_over or into.owner,
        "owner_after": after.owner,
        "ownership": after.ownership,
        "reason": None,
        "at": now,
    }
    tx.execute(log.insert(), line)
    notices.add(tx, "merged", into.id, {"was": merged.was.id, "contact_was": contact_was, "by": by}, now)
    waiting = requests.waiting(tx, into.id)
    facts: dict[str, Any] = {
        "state": after.state.value,
        "status": after.status.value,
        "owner": after.owner,
        "command": COMMAND,
        "by": by,
        "reason": waiting.reason if waiting else None,
    }
    if waiting is not None and waiting.state is RequestState.PENDING:
        facts |= {"request": waiting.id, "priority": waiting.priority.value}
    if merged.passed_over is not None:
        facts["passed_over"] = merged.passed_over
    notices.add(tx, "handover", into.id, facts, now)
    if after.state in (BOT, HUMAN):
        alerts.settled(tx, into.id, now)


def _move_contact(tx: Connection, into: Any, was: Any) -> None:
    """What is known of the one, and where it is silent, of the other."""
    tx.execute(addresses.update().where(addresses.c.contact_id == was.id).values(contact_id=into.id))
    tx.execute(media.update().where(media.c.contact_id == was.id).values(contact_id=into.id))
    opted_out = _who_wants_less(into, was)
    values = {
        "name": into.name or was.name,
        "username": into.username or was.username,
        "given_name": into.given_name or was.given_name,
        "profile": {**was.profile, **into.profile},
        "picture_id": into.picture_id if into.picture_id is not None else was.picture_id,
        "profile_due_at": min(filter(None, (into.profile_due_at, was.profile_due_at)), default=None),
        "notice_at": min(filter(None, (into.notice_at, was.notice_at)), default=None),
        "opted_out_at": opted_out.opted_out_at,
        "opted_out_by": opted_out.opted_out_by,
        "version": max(into.version, was.version) + 1,
    }
    tx.execute(contacts.update().where(contacts.c.id == into.id).values(**values))
    tx.execute(contacts.delete().where(contacts.c.id == was.id))


def _who_wants_less(into: Any, was: Any) -> Any:
    """What they asked for under either name: one that wants nothing at all is not outdone by one that wants no
    marketing."""
    if None in (into.opted_out_at, was.opted_out_at):
        return into if into.opted_out_at is not None else was
    ours, theirs = (By(each.opted_out_by or By.OPERATOR) for each in (into, was))
    return into if opt_outs.asks_for_no_more(ours, theirs) else was
