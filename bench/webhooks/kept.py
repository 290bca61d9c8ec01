"""What the product keeps, read from outside: its tables as plain words, and whose conversation each message is in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.settings import Settings
from bench.webhooks import told
from store.database import Database
from store.tables import accounts, addresses, conversations, held_echoes, mailbox, messages, webhook_events


@dataclass(frozen=True, kw_only=True)
class Whose:
    """Where a message is: on which account, and by what its contact is known."""

    account: str
    addresses: frozenset[str]


@dataclass(kw_only=True)
class Found:
    """What has come in since it was last looked at."""

    words: set[str] = field(default_factory=set)
    kinds: Counter[str] = field(default_factory=Counter)

    def has(self, id_: str) -> bool:
        return not self.words.isdisjoint(told.forms(id_))


class Tables:
    """Of a product's own database."""

    def __init__(self, settings: Settings) -> None:
        self._db = Database(settings.database_url)
        self._message, self._event = 0, 0
        self._past: set[int] = set()

    async def anew(self) -> Found:
        found, self._message, self._event = await self._db.read(_anew, self._message, self._event, self._past)
        return found

    async def whose(self) -> dict[str, list[Whose]]:
        """By the id of each message."""
        return await self._db.read(_whose)

    async def doubled(self) -> int:
        """Messages, and mail about messages, that are there more than once."""
        return await self._db.read(_doubled)

    async def said(self) -> list[tuple[str, frozenset[str], str]]:
        """Every text by its account and contact, in the order it came."""
        return await self._db.read(_said)

    def close(self) -> None:
        self._db.close()


def _anew(tx: Connection, message: int, event: int, past: set[int]) -> tuple[Found, int, int]:
    """`past`: the messages of before we heard that were found earlier; their numbers are below zero, in no order."""
    found = Found()
    told = set(tx.execute(sa.select(messages.c.id).where(messages.c.id < 0)).scalars()) - past
    for row in tx.execute(sa.select(messages).where(messages.c.id > message).order_by(messages.c.id)):
        _add(found, row)
        message = row.id
    for number in told:
        _add(found, tx.execute(sa.select(messages).where(messages.c.id == number)).one())
    past |= told
    for row in tx.execute(sa.select(webhook_events).where(webhook_events.c.id > event).order_by(webhook_events.c.id)):
        found.words |= set(_words(row.body))
        found.kinds[f"event {row.kind}"] += 1
        event = row.id
    for held in tx.execute(sa.select(held_echoes.c.echo)).scalars():
        found.words |= set(_words(held))
    return found, message, event


def _add(found: Found, row: Any) -> None:
    found.words |= set(_words([row.provider_id, row.reply_to, row.content]))
    found.kinds[f"{row.direction} {row.kind}"] += 1


def _words(value: Any) -> Iterator[str]:
    """Everything that could be an id, keys not counted."""
    left = [value]
    while left:
        here = left.pop()
        if isinstance(here, (dict, list)):
            left += here.values() if isinstance(here, dict) else here
        elif (word := told.as_id(here)) is not None:
            yield word


def _whose(tx: Connection) -> dict[str, list[Whose]]:
    rows = tx.execute(
        sa.select(messages.c.provider_id, accounts.c.provider_id.label("account"), conversations.c.contact_id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .join(accounts, accounts.c.id == conversations.c.account_id)
    ).all()
    known_by = _known_by(tx)
    found: dict[str, list[Whose]] = {}
    for row in rows:
        whose = Whose(account=row.account, addresses=known_by.get(row.contact_id, frozenset()))
        found.setdefault(row.provider_id, []).append(whose)
    return found


def _known_by(tx: Connection) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in tx.execute(sa.select(addresses.c.contact_id, addresses.c.value)):
        found.setdefault(row.contact_id, set()).add(row.value)
    return {contact: frozenset(values) for contact, values in found.items()}


def _doubled(tx: Connection) -> int:
    theirs = sa.select(conversations.c.account_id, messages.c.direction, messages.c.provider_id).join(
        conversations, conversations.c.id == messages.c.conversation_id
    )
    rows = tx.execute(theirs.where(messages.c.provider_id.is_not(None)))
    mail = tx.execute(sa.select(mailbox.c.message_id).where(mailbox.c.message_id.is_not(None))).scalars()
    return _more_than_once(tuple(row) for row in rows) + _more_than_once(mail)


def _more_than_once(things: Iterable[Any]) -> int:
    return sum(count - 1 for count in Counter(things).values())


def _said(tx: Connection) -> list[tuple[str, frozenset[str], str]]:
    rows = tx.execute(
        sa.select(accounts.c.provider_id, conversations.c.contact_id, messages.c.text)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .join(accounts, accounts.c.id == conversations.c.account_id)
        .where(messages.c.direction == "inbound")
        .order_by(messages.c.id)
    ).all()
    known_by = _known_by(tx)
    return [(row.provider_id, known_by.get(row.contact_id, frozenset()), row.text or "") for row in rows]
