"""Where words stand in the database: in every column of every table that can hold any, sealed ones apart."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation.spelling import SHORTEST, spellings
from store import former_addresses, former_ids
from store.tables import Instant, addresses, contacts, conversations, messages, metadata, notes

#: Of their messages and of what the channel calls those: so many are looked for.
_SAMPLE = 100
#: Others may have said it too: it would say nothing about who.
_WORDS_OF_THEIR_OWN = 12
#: By purpose the ids stay here, and lead to nobody; see `personal.py`.
KEEPS_IDS = "audit"


@dataclass(frozen=True, kw_only=True)
class Sought:
    """`ids`: ours, of the contact and the conversation. `words`: what tells who somebody is, or what they said."""

    ids: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def spelt(self, *, ids: bool = True) -> list[str]:
        return [each for word in (*(self.ids if ids else ()), *self.words) for each in spellings(word)]


@dataclass(kw_only=True)
class Traces:
    """How many rows, or places of a file, by where. `kept`: those that name an id where ids are to stay."""

    found: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return sum(self.found.values())


def known_of(tx: Connection, contact_id: str) -> Sought:
    """What there is to look for, as long as it is known."""
    contact_id = former_ids.resolved(tx, contact_id)
    contact = tx.execute(sa.select(contacts).where(contacts.c.id == contact_id)).one()
    conversation_id = tx.execute(sa.select(conversations.c.id).where(conversations.c.contact_id == contact_id)).scalar()
    known_by = tx.execute(sa.select(addresses.c.value).where(addresses.c.contact_id == contact_id)).scalars()
    of_theirs = messages.c.conversation_id == conversation_id
    called = sa.select(messages.c.provider_id).where(of_theirs, messages.c.provider_id.is_not(None))
    said = sa.select(messages.c.text).where(of_theirs, sa.func.length(messages.c.text) >= _WORDS_OF_THEIR_OWN)
    noted = sa.select(notes.c.text).where(notes.c.conversation_id == conversation_id)
    texts = [
        *tx.execute(said.order_by(messages.c.id.desc()).limit(_SAMPLE)).scalars(),
        *tx.execute(noted.limit(_SAMPLE)).scalars(),
    ]
    names = [name for name in (contact.name, contact.username, contact.given_name) if name]
    ids = [each for each in (contact_id, conversation_id) if each]
    return Sought(
        ids=(*ids, *(former for each in ids for former in former_ids.of(tx, each))),
        words=_worth_it(
            [
                *known_by,
                *former_addresses.of_contact(tx, contact_id),
                *(name for name in names if not _others_are_named(tx, name, contact_id)),
                *tx.execute(called.order_by(messages.c.id.desc()).limit(_SAMPLE)).scalars(),
                *(text for text in texts if not _others_said(tx, text, conversation_id)),
            ]
        ),
    )


def search(tx: Connection, sought: Sought) -> Traces:
    """Reads everything: minutes, where there is much."""
    traces = Traces()
    for table in metadata.sorted_tables:
        columns = [column for column in table.columns if _may_hold_words(column)]
        if columns:
            _search_table(tx, table.name, columns, sought, traces)
    return traces


def _search_table(tx: Connection, name: str, columns: Sequence[Any], sought: Sought, traces: Traces) -> None:
    words, ids = sought.spelt(ids=False), sought.ids
    rows = tx.execution_options(stream_results=True).execute(sa.select(*columns))
    for row in rows.yield_per(500):
        for column, value in zip(columns, row, strict=True):
            text = _text(value)
            if not text:
                continue
            if _holds(text, words):
                traces.found[f"{name}.{column.name}"] += 1
            elif _holds(text, ids):
                (traces.kept if name == KEEPS_IDS else traces.found)[f"{name}.{column.name}"] += 1


def _may_hold_words(column: Any) -> bool:
    return not isinstance(column.type, (Instant, sa.Integer, sa.Boolean, sa.Float))


def _text(value: Any) -> str:
    if value is None or isinstance(value, (str, int, float)):
        return value if isinstance(value, str) else ""
    if isinstance(value, (bytes, memoryview)):
        return bytes(value).decode("utf-8", "replace")
    return json.dumps(value, ensure_ascii=False, default=str)


def _holds(text: str, words: Iterable[str]) -> bool:
    return any(word in text for word in words)


def _worth_it(words: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if len(word) >= SHORTEST))


def _others_are_named(tx: Connection, name: str, contact_id: str) -> bool:
    same = sa.or_(contacts.c.name == name, contacts.c.username == name, contacts.c.given_name == name)
    return tx.execute(sa.select(contacts.c.id).where(same, contacts.c.id != contact_id).limit(1)).first() is not None


def _others_said(tx: Connection, text: str, conversation_id: str | None) -> bool:
    same = sa.and_(messages.c.text == text, messages.c.conversation_id != conversation_id)
    return tx.execute(sa.select(messages.c.id).where(same).limit(1)).first() is not None
