"""Whether the people who answer are there, what they can do, and what they have to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.account import AccountId
from conversation.conversation import ConversationId, HandoverState, Status
from conversation.errors import BadInput
from conversation.people import SEEN_EVERY, Presence, Role
from conversation.said import say
from store import accounts, notices, operators
from store.tables import conversations
from store.tables import operator_accounts as seen_accounts
from store.tables import operators as people

_HELD = sa.select(people.c.name).where(people.c.name == sa.bindparam("who")).with_for_update(key_share=True)
_OWNED = (
    sa.select(conversations.c.id)
    .where(conversations.c.owner == sa.bindparam("who"), conversations.c.state == HandoverState.HUMAN.value)
    .order_by(conversations.c.id)
)


def seen(tx: Connection, name: str, now: datetime) -> bool:
    """Somebody asked for something. Written down every 20 s at most; whether it was now."""
    stale = sa.or_(people.c.seen_at.is_(None), people.c.seen_at <= now - SEEN_EVERY)
    return bool(tx.execute(people.update().where(people.c.name == name, stale).values(seen_at=now)).rowcount)


def set_presence(tx: Connection, name: str, presence: Presence, now: datetime) -> None:
    """Everybody is told of a change. Who is said to be there counts as seen: they vanish only some time from now."""
    before = operators.get(tx, name).presence
    values = {"presence": presence.value, **({"seen_at": now} if presence is not Presence.OFFLINE else {})}
    tx.execute(people.update().where(people.c.name == name).values(**values))
    if presence is not before:
        notices.add(tx, "operator", None, {"name": name, "presence": presence.value}, now)


def set_capacity(tx: Connection, name: str, capacity: int) -> None:
    """0: is given nothing, and takes what they like."""
    if not 0 <= capacity <= 1_000:
        raise BadInput(say("A capacity is a number of conversations, from 0 to 1000."))
    _change(tx, name, capacity=capacity)


def set_role(tx: Connection, name: str, role: Role) -> None:
    _change(tx, name, role=role.value)


def set_accounts(tx: Connection, name: str, account_ids: Iterable[AccountId] | None) -> None:
    """None: all there are and will be."""
    _change(tx, name, all_accounts=account_ids is None)
    tx.execute(seen_accounts.delete().where(seen_accounts.c.operator == name))
    for account_id in sorted({accounts.get(tx, each).id for each in account_ids or ()}):
        tx.execute(seen_accounts.insert(), {"operator": name, "account_id": account_id})


def absent(tx: Connection, now: datetime, vanish_s: float) -> list[str]:
    """Who is said to be there, and has not been seen for so long."""
    unseen = sa.or_(people.c.seen_at.is_(None), people.c.seen_at <= now - timedelta(seconds=vanish_s))
    there = people.c.presence != Presence.OFFLINE.value
    return list(tx.execute(sa.select(people.c.name).where(there, unseen).order_by(people.c.name)).scalars())


def hold(tx: Connection, name: str) -> None:
    """Nobody else gives them anything until this transaction ends."""
    tx.execute(_HELD, {"who": name})


def load(tx: Connection, names: Iterable[str]) -> Mapping[str, int]:
    """How many conversations each has to see to: open ones, not those put off."""
    counted = dict.fromkeys(names, 0)
    rows = tx.execute(
        sa.select(conversations.c.owner, sa.func.count().label("many"))
        .where(
            conversations.c.owner.in_(list(counted)),
            conversations.c.state == HandoverState.HUMAN.value,
            conversations.c.status == Status.OPEN.value,
        )
        .group_by(conversations.c.owner)
    )
    return counted | {row.owner: row.many for row in rows}


def owned_by(tx: Connection, name: str) -> list[ConversationId]:
    """All they have, what is put off too: what must be given on when they are gone."""
    return [ConversationId(each) for each in tx.execute(_OWNED, {"who": name}).scalars()]


def _change(tx: Connection, name: str, **values: object) -> None:
    if not tx.execute(people.update().where(people.c.name == name).values(**values)).rowcount:
        raise operators.there_is_no(name)
