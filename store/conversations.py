"""Conversations. Who changes who-may-speak holds the row's lock until the end of its transaction."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from conversation.account import Account, AccountId
from conversation.contact import Contact, ContactId
from conversation.conversation import Conversation, ConversationId, HandoverState, Status
from conversation.errors import NotFound
from conversation.ids import new_id
from conversation.phone_numbers import spellings
from conversation.said import say
from store import accounts, contacts, former_ids
from store.prepared import Prepared
from store.tables import addresses, conversations

_THIS = conversations.c.id == sa.bindparam("conversation")
_BY_ID = sa.select(conversations).where(_THIS)
# A writer's lock, not a deleter's: rows that only refer to the conversation may be added meanwhile.
_LOCKED = _BY_ID.with_for_update(key_share=True)
_SHARED = _BY_ID.with_for_update(read=True)
_OF_CONTACT = Prepared(
    sa.select(conversations.c.id, conversations.c.state, conversations.c.status, conversations.c.thread_owner)
    .where(conversations.c.contact_id == sa.bindparam("contact"))
    .with_for_update(key_share=True)
)
_USUAL = (HandoverState.BOT.value, Status.OPEN.value, None)
#: A contact has one conversation; a race's loser waits here for the winner's commit.
_ADD: dict[str, Any] = {
    "sqlite": sqlite.insert(conversations).on_conflict_do_nothing(index_elements=["contact_id"]),
    "postgresql": postgresql.insert(conversations).on_conflict_do_nothing(index_elements=["contact_id"]),
}
_SENT_AT = sa.bindparam("sent_at", type_=conversations.c.last_inbound_at.type)
_MOVED = sa.or_(conversations.c.last_inbound_at.is_(None), conversations.c.last_inbound_at < _SENT_AT)
_NOTE_INBOUND = Prepared(
    conversations.update()
    .where(_THIS)
    .values(
        unread=conversations.c.unread + 1,
        last_inbound_at=sa.case((_MOVED, _SENT_AT), else_=conversations.c.last_inbound_at),
        last_inbound_id=sa.bindparam("provider"),
    )
)


#: Something the contact did that nobody waits for an answer to, but after which Meta lets us write.
_NOTE_SIGN = Prepared(
    conversations.update()
    .where(_THIS)
    .values(last_inbound_at=sa.case((_MOVED, _SENT_AT), else_=conversations.c.last_inbound_at))
)
_NOTE_UNREAD = Prepared(conversations.update().where(_THIS).values(unread=conversations.c.unread + 1))


def from_row(row: Any) -> Conversation:
    return Conversation(
        id=ConversationId(row.id),
        account_id=AccountId(row.account_id),
        contact_id=ContactId(row.contact_id),
        state=HandoverState(row.state),
        owner=row.owner,
        ownership=row.ownership,
        return_due=row.return_due,
        unread=row.unread,
        last_inbound_at=row.last_inbound_at,
        last_inbound_id=row.last_inbound_id,
        created_at=row.created_at,
        status=Status(row.status),
        team_id=row.team_id,
        last_owner=row.last_owner,
        last_owned_at=row.last_owned_at,
        waiting_since=row.waiting_since,
        snoozed_until=row.snoozed_until,
        nobody_answers=row.nobody_answers,
        arrival_due=row.arrival_due,
        language=row.language,
        thread_owner=row.thread_owner,
        echo_held=row.echo_held,
    )


class Met(NamedTuple):
    """A contact's conversation. `usual`: open, the assistant has it, and Meta lets us write."""

    id: ConversationId
    usual: bool


def find_or_add(tx: Connection, account_id: AccountId, contact_id: ContactId, now: datetime) -> ConversationId:
    """The contact's conversation, its row locked: arrival order is the order of these locks."""
    return meet(tx, account_id, contact_id, now).id


def meet(tx: Connection, account_id: AccountId, contact_id: ContactId, now: datetime) -> Met:
    """As `find_or_add`, and whether anything about it is out of the ordinary: asked of every message accepted."""
    known = _OF_CONTACT.first(tx, contact=contact_id)
    if known is not None:
        return Met(ConversationId(known[0]), tuple(known[1:]) == _USUAL)
    made = dict(
        id=ConversationId(new_id("cnv")),
        account_id=account_id,
        contact_id=contact_id,
        state=HandoverState.BOT.value,
        ownership=0,
        return_due=False,
        unread=0,
        created_at=now,
    )
    tx.execute(_ADD[tx.dialect.name], made)  # nothing, where somebody else has just added it
    found = _OF_CONTACT.first(tx, contact=contact_id)
    return Met(ConversationId(found[0]), tuple(found[1:]) == _USUAL)


def find(tx: Connection, conversation_id: str) -> Conversation | None:
    """Also by an id that it had before it was found to be this one."""
    row = _led_to(tx, _BY_ID, conversation_id)
    return from_row(row) if row else None


def is_there(tx: Connection, conversation_id: str) -> bool:
    """Under this very id."""
    return tx.execute(_BY_ID, {"conversation": conversation_id}).first() is not None


def _led_to(tx: Connection, query: Any, conversation_id: str) -> Any:
    """The row, or the row of what it became. Who waits for a lock while it becomes another is led there too."""
    row = tx.execute(query, {"conversation": conversation_id}).first()
    if row is None:
        now_called = former_ids.now_called(tx, conversation_id)
        row = None if now_called is None else tx.execute(query, {"conversation": now_called}).first()
    return row


def get(tx: Connection, conversation_id: str) -> Conversation:
    conversation = find(tx, conversation_id)
    if conversation is None:
        raise NotFound(say("There is no conversation {conversation}.", conversation=conversation_id))
    return conversation


def several(tx: Connection, conversation_ids: Collection[str]) -> list[Conversation]:
    """Those of these that there are."""
    rows = tx.execute(sa.select(conversations).where(conversations.c.id.in_(list(conversation_ids))))
    return [from_row(row) for row in rows]


def lock(tx: Connection, conversation_id: str) -> Conversation:
    """The conversation, which nobody else can change until this transaction ends."""
    row = _led_to(tx, _LOCKED, conversation_id)
    if row is None:
        raise NotFound(say("There is no conversation {conversation}.", conversation=conversation_id))
    return from_row(row)


def lock_shared(tx: Connection, conversation_id: str) -> Conversation:
    row = _led_to(tx, _SHARED, conversation_id)
    if row is None:
        raise NotFound(say("There is no conversation {conversation}.", conversation=conversation_id))
    return from_row(row)


def not_simply_the_assistants(tx: Connection, account_id: AccountId) -> list[ConversationId]:
    """Those that wait for a person, or have one."""
    states = [HandoverState.PENDING.value, HandoverState.HUMAN.value]
    query = sa.select(conversations.c.id).where(
        conversations.c.account_id == account_id, conversations.c.state.in_(states)
    )
    return [ConversationId(each) for each in tx.execute(query.order_by(conversations.c.id)).scalars()]


def change(tx: Connection, conversation_id: ConversationId, **values: Any) -> None:
    tx.execute(conversations.update().where(conversations.c.id == conversation_id).values(**values))


def put(tx: Connection, conversation: Conversation) -> None:
    """All that a command may have changed. The row is locked by whoever asks."""
    change(
        tx,
        conversation.id,
        state=conversation.state.value,
        owner=conversation.owner,
        ownership=conversation.ownership,
        return_due=conversation.return_due,
        unread=conversation.unread,
        status=conversation.status.value,
        team_id=conversation.team_id,
        last_owner=conversation.last_owner,
        last_owned_at=conversation.last_owned_at,
        waiting_since=conversation.waiting_since,
        snoozed_until=conversation.snoozed_until,
        nobody_answers=conversation.nobody_answers,
        arrival_due=conversation.arrival_due,
    )


def note_inbound(tx: Connection, conversation_id: ConversationId, provider_id: str, sent_at: datetime) -> None:
    """Something came from the contact: one more unread, and the window moves, never back."""
    _NOTE_INBOUND.changed(tx, conversation=conversation_id, provider=provider_id, sent_at=sent_at)


def note_sign(tx: Connection, conversation_id: ConversationId, sent_at: datetime) -> None:
    """The window moves, never back; nothing is unread."""
    _NOTE_SIGN.changed(tx, conversation=conversation_id, sent_at=sent_at)


def note_unread(tx: Connection, conversation_id: ConversationId) -> None:
    """Something for people to see that opens no window."""
    _NOTE_UNREAD.changed(tx, conversation=conversation_id)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One line of a list: the conversation with whose it is."""

    conversation: Conversation
    account: Account
    contact: Contact


def listed(
    tx: Connection,
    *,
    account: str | None = None,
    address: str | None = None,
    state: HandoverState | None = None,
    conversation_id: str | None = None,
    after: str | None = None,
    limit: int = 100,
) -> list[Listed]:
    """Conversations by the latest word first; `after` is the id the last page ended with."""
    query = sa.select(conversations)
    if account is not None:
        query = query.where(conversations.c.account_id == accounts.get(tx, account).id)
    if address is not None:
        known = sa.select(addresses.c.contact_id).where(addresses.c.value.in_(spellings(address.lstrip("+"))))
        query = query.where(conversations.c.contact_id.in_(known))
    if state is not None:
        query = query.where(conversations.c.state == state.value)
    if conversation_id is not None:
        query = query.where(conversations.c.id == former_ids.resolved(tx, conversation_id))
    moment = sa.func.coalesce(conversations.c.last_inbound_at, conversations.c.created_at)
    if after is not None:
        last = get(tx, after)
        when = last.last_inbound_at or last.created_at
        query = query.where(sa.or_(moment < when, sa.and_(moment == when, conversations.c.id < after)))
    rows = tx.execute(query.order_by(moment.desc(), conversations.c.id.desc()).limit(limit)).all()
    known_accounts = {a.id: a for a in accounts.even_removed(tx)}
    return [
        Listed(
            conversation=from_row(row),
            account=known_accounts[AccountId(row.account_id)],
            contact=contacts.get(tx, ContactId(row.contact_id)),
        )
        for row in rows
    ]
