"""Everything that is known of one contact, deleted a part at a time; what is still to do survives a crash.

From the first transaction on the addresses lead to nobody, so whoever writes again is somebody new, and nothing of the
conversation is decided or sent any more. What is needed to go on stands in `settings` until the last one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.conversation import HandoverState, Status
from conversation.errors import NotFound
from conversation.mail import MailState
from conversation.phone_numbers import spellings
from conversation.said import say
from store import audit, conversations, deletion_requests, doors, former_addresses, former_ids, mailbox, personal
from store.deeds import Deed
from store.outbox import OutboxState
from store.tables import (
    accounts,
    addresses,
    contacts,
    held_echoes,
    media,
    messages,
    outbox,
    settings,
    uploads,
    webhook_events,
)
from store.tables import conversations as conversations_table
from store.tables import deadlines as deadlines_table
from store.tables import mailbox as mailbox_table
from store.tables import timers as timers_table
from store.tables import webhooks as webhooks_table

#: Rows in one transaction, at most.
AT_ONCE = 200
#: Whose the conversation is meanwhile: nobody can be named so, and no rule gives it back.
NOBODYS = "system"
_UNDER_WAY = "erasing:"


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """One that is under way. `webhook`, `event`: the last that had come when it began; what came later is of somebody
    new. `request`: the wish of theirs that it fulfils, of those that Meta hands on."""

    contact: str
    conversation: str | None
    account: str
    account_provider_id: str
    names: tuple[str, ...]
    webhook: int
    event: int
    by: str
    request: int | None = None


def begin(tx: Connection, contact_id: str, *, by: str, now: datetime, request: int | None = None) -> Erasure:
    """From now on nobody writes to them, and nothing that comes in is theirs. Begun before: that one goes on."""
    contact_id = former_ids.resolved(tx, contact_id)
    known = _find(tx, contact_id)
    if known is not None:
        return known
    seen = planned(tx, contact_id, by=by, request=request)
    if seen.conversation is not None:
        conversations.lock(tx, seen.conversation)
    tx.execute(sa.select(contacts.c.id).where(contacts.c.id == contact_id).with_for_update())
    erasure = planned(tx, contact_id, by=by, request=request)
    if (erasure.contact, erasure.conversation) != (seen.contact, seen.conversation):  # while this waited for the locks
        return begin(tx, contact_id, by=by, now=now, request=request)
    if erasure.conversation is not None:
        _silence(tx, erasure.conversation, now)
    tx.execute(addresses.delete().where(addresses.c.contact_id == contact_id))
    tx.execute(contacts.update().where(contacts.c.id == contact_id).values(profile_due_at=None))
    facts = {"name": _UNDER_WAY + contact_id, "value": asdict(erasure), "changed_by": by, "changed_at": now}
    tx.execute(settings.insert(), facts)
    return erasure


def planned(tx: Connection, contact_id: str, *, by: str = "", request: int | None = None) -> Erasure:
    """What is theirs, as of now."""
    contact_id = former_ids.resolved(tx, contact_id)
    row = tx.execute(sa.select(contacts).where(contacts.c.id == contact_id)).first()
    if row is None:
        raise NotFound(say("There is no contact {contact}.", contact=contact_id))
    of_theirs = sa.select(conversations_table.c.id).where(conversations_table.c.contact_id == contact_id)
    named = sa.select(addresses.c.value).where(addresses.c.contact_id == contact_id).order_by(addresses.c.value)
    of_account = sa.select(accounts.c.provider_id).where(accounts.c.id == row.account_id)
    return Erasure(
        contact=contact_id,
        conversation=tx.execute(of_theirs).scalar(),
        account=row.account_id,
        account_provider_id=tx.execute(of_account).scalar_one(),
        names=(*tx.execute(named).scalars(), *former_addresses.of_contact(tx, contact_id)),
        webhook=_last(tx, webhooks_table),
        event=_last(tx, webhook_events),
        by=by,
        request=request,
    )


def under_way(tx: Connection) -> list[Erasure]:
    rows = tx.execute(sa.select(settings.c.value).where(settings.c.name.startswith(_UNDER_WAY, autoescape=True)))
    return [_from_json(value) for value in rows.scalars()]


def claims_open(tx: Connection, erasure: Erasure) -> int:
    """Requests to the channel that may be on their way."""
    claimed = sa.and_(outbox.c.conversation_id == erasure.conversation, outbox.c.state == OutboxState.CLAIMED.value)
    return tx.execute(sa.select(sa.func.count()).select_from(outbox).where(claimed)).scalar_one()


def provider_ids(tx: Connection, erasure: Erasure) -> frozenset[str]:
    """What the channel calls their messages, and those to them."""
    query = sa.select(messages.c.provider_id).where(
        messages.c.conversation_id == erasure.conversation, messages.c.provider_id.is_not(None)
    )
    return frozenset(tx.execute(query).scalars())


def is_under_way(tx: Connection, contact_id: str) -> bool:
    return _find(tx, contact_id) is not None


def some_files(tx: Connection, erasure: Erasure, *, forget: Callable[[str], object]) -> int:
    """Deletes some of their files; how many. `forget` deletes the bytes, where nobody else's file has the same."""
    rows = tx.execute(sa.select(media).where(files_of(erasure)).order_by(media.c.id).limit(AT_ONCE)).all()
    for row in rows:
        if row.sha256 is not None:
            doors.hold(tx, f"media:{row.sha256}")
            others = sa.and_(media.c.sha256 == row.sha256, media.c.id != row.id, media.c.state == "stored")
            if tx.execute(sa.select(media.c.id).where(others).limit(1)).first() is None:
                forget(row.sha256)
                tx.execute(uploads.delete().where(uploads.c.key.endswith(f":{row.sha256}", autoescape=True)))
        tx.execute(media.delete().where(media.c.id == row.id))
    return len(rows)


def files_of(erasure: Erasure) -> Any:
    of_theirs = sa.select(messages.c.id).where(messages.c.conversation_id == erasure.conversation)
    return sa.or_(media.c.contact_id == erasure.contact, media.c.message_id.in_(of_theirs))


def some_rows(tx: Connection, erasure: Erasure, now: datetime, limit: int = AT_ONCE) -> int:
    """Deletes some rows of the conversation; how many. None are left when it is 0."""
    if erasure.conversation is None:
        return 0
    deleted = 0
    for column in personal.OF_CONVERSATION.values():
        if column.table is messages:
            _remember_ids(tx, erasure, now, limit - deleted)
        deleted += _delete_some(tx, column, erasure.conversation, limit - deleted)
        if deleted >= limit:
            break
    return deleted


def was_erased(tx: Connection, provider_id: str) -> bool:
    """Whether it is a message of somebody who was erased: a channel goes on telling what became of it."""
    return mailbox.seen(tx, f"erased:{provider_id}")


def finish(tx: Connection, erasure: Erasure, now: datetime) -> bool:
    """The contact is gone, and that it was done is written down. False: something of theirs came in between."""
    if _find(tx, erasure.contact) is None:
        return True  # another process has ended it
    if erasure.conversation is not None:
        conversations.lock(tx, erasure.conversation)
        if some_rows(tx, erasure, now) or tx.execute(sa.select(media.c.id).where(files_of(erasure))).first():
            return False
        tx.execute(conversations_table.delete().where(conversations_table.c.id == erasure.conversation))
    elif tx.execute(sa.select(media.c.id).where(files_of(erasure))).first():
        return False
    tx.execute(addresses.delete().where(addresses.c.contact_id == erasure.contact))
    for contact in (erasure.contact, *former_ids.of(tx, erasure.contact)):  # each was written about under its own
        audit.destroy_salt(tx, contact)
    former_ids.forget(tx, erasure.contact, erasure.conversation)
    tx.execute(contacts.delete().where(contacts.c.id == erasure.contact))
    facts = {"contact_id": erasure.contact, "conversation_id": erasure.conversation, "request": erasure.request}
    audit.append(tx, Deed(by=erasure.by, action="contact_erased", at=now, facts=facts))
    tx.execute(settings.delete().where(settings.c.name == _UNDER_WAY + erasure.contact))
    if erasure.request is not None and erasure.request not in [other.request for other in under_way(tx)]:
        deletion_requests.done(tx, erasure.request, now)
    return True


def _silence(tx: Connection, conversation_id: str, now: datetime) -> None:
    """A turn under way finds that its number moved, and what waits is neither answered nor sent."""
    conversation = conversations.lock(tx, conversation_id)
    conversations.change(
        tx,
        conversation.id,
        state=HandoverState.HUMAN.value,
        status=Status.CLOSED.value,
        owner=NOBODYS,
        ownership=conversation.ownership + 1,
        return_due=False,
        arrival_due=False,
        waiting_since=None,
        snoozed_until=None,
        echo_held=False,
    )
    waiting = mailbox_table.c.state.in_([MailState.NEW.value, MailState.PARKED.value])
    tx.execute(
        mailbox_table.update()
        .where(mailbox_table.c.conversation_id == conversation_id, waiting)
        .values(state=MailState.DONE.value, begins=mailbox_table.c.begins + 1, under_way=False, done_at=now)
    )
    to_leave = outbox.c.state.in_([OutboxState.QUEUED.value, OutboxState.UNKNOWN.value])
    tx.execute(
        outbox.update()
        .where(outbox.c.conversation_id == conversation_id, to_leave)
        .values(state=OutboxState.WITHDRAWN.value, settled_at=now)
    )
    for table in (deadlines_table, timers_table, held_echoes):
        tx.execute(table.delete().where(table.c.conversation_id == conversation_id))


def _delete_some(tx: Connection, column: Any, value: str, limit: int) -> int:
    keys = list(column.table.primary_key.columns)
    some = sa.select(*keys).where(column == value).limit(limit)
    which = keys[0].in_(some) if len(keys) == 1 else sa.tuple_(*keys).in_(some)
    return int(tx.execute(column.table.delete().where(which)).rowcount)


def _remember_ids(tx: Connection, erasure: Erasure, now: datetime, limit: int) -> None:
    """By their hashes: what the channel tells of them later is told of nobody."""
    named = sa.and_(messages.c.conversation_id == erasure.conversation, messages.c.provider_id.is_not(None))
    for provider_id in tx.execute(sa.select(messages.c.provider_id).where(named).limit(limit)).scalars().all():
        mailbox.first_time(tx, f"erased:{provider_id}", now)


def _last(tx: Connection, table: Any) -> int:
    return tx.execute(sa.select(sa.func.max(table.c.id))).scalar() or 0


def _find(tx: Connection, contact_id: str) -> Erasure | None:
    value = tx.execute(sa.select(settings.c.value).where(settings.c.name == _UNDER_WAY + contact_id)).scalar()
    return None if value is None else _from_json(value)


def _from_json(value: Any) -> Erasure:
    return Erasure(**{**value, "names": tuple(value["names"])})


def contact_named(tx: Connection, word: str) -> Sequence[str]:
    """The contacts that this is an id, a conversation or an address of; one that is being erased has no address."""
    known_id = former_ids.resolved(tx, word)
    of_conversation = sa.select(conversations_table.c.contact_id).where(conversations_table.c.id == known_id)
    of_address = sa.select(addresses.c.contact_id).where(addresses.c.value.in_(spellings(word.lstrip("+"))))
    which = sa.or_(contacts.c.id == known_id, contacts.c.id.in_(of_conversation), contacts.c.id.in_(of_address))
    return list(tx.execute(sa.select(contacts.c.id).where(which).order_by(contacts.c.id)).scalars())
