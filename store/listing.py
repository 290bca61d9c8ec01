"""Conversations as lists show them: chosen in SQL, with all that is shown of each read for all together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation import phone_numbers, window
from conversation.account import Account, AccountId, Channel
from conversation.contact import Contact, ContactId
from conversation.conversation import Conversation, ConversationId, HandoverState, Status
from conversation.handover import RequestState
from conversation.message import Message
from conversation.people import Team
from store import accounts, contacts, conversations, messages, queue, requests, searching, tags, teams
from store.requests import Request
from store.tables import accounts as accounts_table
from store.tables import addresses
from store.tables import conversations as table
from store.tables import messages as said
from store.tables import requests as wishes
from store.tables import tags as words

#: When the customer last wrote: what lists are ordered by.
_moment = sa.func.coalesce(table.c.last_inbound_at, table.c.created_at)
#: When anybody last wrote.
_last_word = sa.func.coalesce(
    sa.select(said.c.at)
    .where(said.c.conversation_id == table.c.id)
    .order_by(said.c.id.desc())
    .limit(1)
    .scalar_subquery(),
    table.c.created_at,
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """What is shown of a conversation, as it stands `now`. `request`: the one that waits."""

    conversation: Conversation
    account: Account
    contact: Contact
    team: Team | None
    tags: Sequence[str]
    last_message: Message | None
    request: Request | None
    queue_place: int | None
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which conversations. `account_ids`: the accounts that who asks may see; None: all."""

    account_ids: Collection[str] | None = None
    account: str | None = None
    address: str | None = None
    state: HandoverState | None = None
    status: Status | None = None
    owner: str | None = None
    team: str | None = None
    tag: str | None = None
    language: str | None = None
    unread: bool = False
    channel: Channel | None = None
    nobodys: bool = False  # that no person has
    window_open: bool | None = None
    since: datetime | None = None  # of the customer's last message
    until: datetime | None = None  # and this is not in it any more
    search: str | None = None


class Place(NamedTuple):
    """Where a page ended: when the customer of its last conversation had last written, as it stood then.

    Whoever writes meanwhile moves to the front and is not met again; nobody else is passed over.
    """

    moment: datetime
    id: str

    @classmethod
    def of(cls, line: Line) -> Place:
        conversation = line.conversation
        return cls(conversation.last_inbound_at or conversation.created_at, conversation.id)


def page(tx: Connection, wanted: Wanted, now: datetime, *, after: Place | None = None, limit: int) -> list[Line]:
    """By the customer's latest word first; `after` is where the last page ended."""
    query = sa.select(table).where(*_conditions(tx, wanted, now))
    if after is not None:
        when = sa.literal(after.moment, table.c.created_at.type)
        query = query.where(sa.or_(_moment < when, sa.and_(_moment == when, table.c.id < after.id)))
    rows = tx.execute(query.order_by(_moment.desc(), table.c.id.desc()).limit(limit)).all()
    return whole(tx, [conversations.from_row(row) for row in rows], now)


def numbered_page(tx: Connection, wanted: Wanted, now: datetime, *, offset: int = 0, limit: int) -> list[Line]:
    """By the latest word first, whoever said it. So many are passed over; whoever speaks meanwhile moves on those who
    come before by one."""
    query = sa.select(table).where(*_conditions(tx, wanted, now))
    rows = tx.execute(query.order_by(_last_word.desc(), table.c.id.desc()).limit(limit).offset(offset)).all()
    return whole(tx, [conversations.from_row(row) for row in rows], now)


def count(tx: Connection, wanted: Wanted, now: datetime) -> int:
    """How many there are of these."""
    query = sa.select(sa.func.count()).select_from(table).where(*_conditions(tx, wanted, now))
    return int(tx.execute(query).scalar_one())


def count_by_state(tx: Connection, wanted: Wanted, now: datetime) -> list[tuple[HandoverState, bool, Status, int]]:
    """As `count`, for each state, whether nobody answers in it, and status."""
    by = (table.c.state, table.c.nobody_answers, table.c.status)
    query = sa.select(*by, sa.func.count()).where(*_conditions(tx, wanted, now)).group_by(*by)
    return [(HandoverState(row[0]), row[1], Status(row[2]), row[3]) for row in tx.execute(query)]


def one(tx: Connection, conversation_id: str, now: datetime) -> Line:
    (line,) = whole(tx, [conversations.get(tx, conversation_id)], now)
    return line


def waiting(
    tx: Connection,
    now: datetime,
    *,
    account_ids: Collection[str] | None = None,
    team: str | None = None,
    limit: int,
) -> list[Line]:
    """Who waits for a person, in the order of the queue."""
    team_id = None if team is None else teams.get(tx, team).id
    found = queue.waiting(tx, now, account_ids=account_ids, team_id=team_id, limit=limit)
    return whole(tx, [each.conversation for each in found], now)


def asked(
    tx: Connection,
    *,
    account_ids: Collection[str] | None = None,
    state: RequestState | None = None,
    after: int | None = None,
    limit: int,
) -> list[Request]:
    """Requests of these accounts, the newest first; `after` is the number the last page ended with."""
    query = sa.select(wishes)
    if account_ids is not None:
        theirs = sa.select(table.c.id).where(table.c.account_id.in_(list(account_ids)))
        query = query.where(wishes.c.conversation_id.in_(theirs))
    if state is not None:
        query = query.where(wishes.c.state == state.value)
    if after is not None:
        query = query.where(wishes.c.id < after)
    return [requests.from_row(row) for row in tx.execute(query.order_by(wishes.c.id.desc()).limit(limit))]


def whole(tx: Connection, found: Sequence[Conversation], now: datetime) -> list[Line]:
    ids = [conversation.id for conversation in found]
    account_of = _accounts(tx, {conversation.account_id for conversation in found})
    contact_of = contacts.several(tx, [ContactId(conversation.contact_id) for conversation in found])
    team_of = {team.id: team for team in teams.all_of(tx)}
    tags_of, last_of, request_of = tags.of_several(tx, ids), _last_messages(tx, ids), _waiting_requests(tx, ids)
    pending = any(conversation.state is HandoverState.PENDING for conversation in found)
    place_of = queue.places(tx, now) if pending else {}
    return [
        Line(
            conversation=conversation,
            account=account_of[AccountId(conversation.account_id)],
            contact=contact_of[conversation.contact_id],
            team=team_of.get(conversation.team_id or ""),
            tags=tags_of[conversation.id],
            last_message=last_of.get(conversation.id),
            request=request_of.get(conversation.id),
            queue_place=place_of.get(conversation.id),
            now=now,
        )
        for conversation in found
    ]


def _accounts(tx: Connection, ids: Collection[AccountId]) -> dict[AccountId, Account]:
    """Those that were removed among them: what was said on one stays readable."""
    rows = tx.execute(sa.select(accounts_table).where(accounts_table.c.id.in_(list(ids))))
    return {account.id: account for account in map(accounts.from_row, rows)}


def _conditions(tx: Connection, wanted: Wanted, now: datetime) -> list[Any]:
    found: list[Any] = []
    if wanted.account_ids is not None:
        found.append(table.c.account_id.in_(list(wanted.account_ids)))
    if wanted.account is not None:
        found.append(table.c.account_id == accounts.get(tx, wanted.account).id)
    if wanted.address is not None:
        known = sa.select(addresses.c.contact_id).where(
            addresses.c.value.in_(phone_numbers.spellings(wanted.address.lstrip("+")))
        )
        found.append(table.c.contact_id.in_(known))
    if wanted.team is not None:
        found.append(table.c.team_id == teams.get(tx, wanted.team).id)
    if wanted.tag is not None:
        tagged = sa.select(words.c.conversation_id).where(words.c.tag == tags.as_kept(wanted.tag))
        found.append(table.c.id.in_(tagged))
    if wanted.channel is not None:
        of_channel = sa.select(accounts_table.c.id).where(accounts_table.c.channel == wanted.channel.value)
        found.append(table.c.account_id.in_(of_channel))
    for column, value in ((table.c.state, wanted.state), (table.c.status, wanted.status)):
        if value is not None:
            found.append(column == value.value)
    for column, word in ((table.c.owner, wanted.owner), (table.c.language, wanted.language)):
        if word is not None:
            found.append(column == word)
    if wanted.nobodys:
        found.append(table.c.owner.is_(None))
    if wanted.unread:
        found.append(table.c.unread > 0)
    if wanted.search is not None:
        found.append(searching.found_by(wanted.search))
    return [*found, *_in_time(wanted, now)]


def _in_time(wanted: Wanted, now: datetime) -> list[Any]:
    found: list[Any] = []
    wrote = table.c.last_inbound_at
    if wanted.since is not None:
        found.append(wrote >= wanted.since)
    if wanted.until is not None:
        found.append(wrote < wanted.until)
    if wanted.window_open is not None:
        is_open = wrote > now - window.OPEN_FOR
        found.append(is_open if wanted.window_open else sa.or_(wrote.is_(None), sa.not_(is_open)))
    return found


def _last_messages(tx: Connection, ids: Sequence[ConversationId]) -> dict[ConversationId, Message]:
    newest = sa.select(sa.func.max(said.c.id)).where(said.c.conversation_id == table.c.id).scalar_subquery()
    last = sa.select(newest).where(table.c.id.in_(ids))
    rows = tx.execute(sa.select(said).where(said.c.id.in_(last)))
    return {message.conversation_id: message for message in map(messages.from_row, rows)}


def _waiting_requests(tx: Connection, ids: Sequence[ConversationId]) -> dict[ConversationId, Request]:
    waits = wishes.c.state == RequestState.PENDING.value
    rows = tx.execute(sa.select(wishes).where(wishes.c.conversation_id.in_(ids), waits))
    return {request.conversation_id: request for request in map(requests.from_row, rows)}
