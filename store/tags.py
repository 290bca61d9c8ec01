"""Tags: words by which conversations are found again. Written in lower case, so that there is one of each."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from conversation.conversation import ConversationId
from conversation.errors import BadInput
from conversation.said import say
from store import notices
from store.tables import tags

_LONGEST = 60
_PUT: dict[str, Any] = {
    "sqlite": sqlite.insert(tags).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(tags).on_conflict_do_nothing(),
}


def put(tx: Connection, conversation_id: ConversationId, tag: str, *, by: str, now: datetime) -> str:
    """The tag as it is kept. One that is there already stays whose it is."""
    word = as_kept(tag)
    row = {"conversation_id": conversation_id, "tag": word, "by": by, "at": now}
    if tx.execute(_PUT[tx.dialect.name], row).rowcount:
        notices.add(tx, "tag", conversation_id, {"tag": word, "by": by}, now)
    return word


def remove(tx: Connection, conversation_id: ConversationId, tag: str, *, by: str, now: datetime) -> None:
    """One that is not there is removed already."""
    word = as_kept(tag)
    this = sa.and_(tags.c.conversation_id == conversation_id, tags.c.tag == word)
    if tx.execute(tags.delete().where(this)).rowcount:
        notices.add(tx, "tag", conversation_id, {"tag": word, "by": by, "removed": True}, now)


def of_conversation(tx: Connection, conversation_id: str) -> list[str]:
    return of_several(tx, [conversation_id])[ConversationId(conversation_id)]


def of_several(tx: Connection, conversation_ids: Collection[str]) -> dict[ConversationId, list[str]]:
    """Many conversations' at once, for lists."""
    found: dict[ConversationId, list[str]] = {ConversationId(each): [] for each in conversation_ids}
    these = tags.c.conversation_id.in_(list(conversation_ids))
    for row in tx.execute(sa.select(tags.c.conversation_id, tags.c.tag).where(these).order_by(tags.c.tag)):
        found[row.conversation_id].append(row.tag)
    return found


def as_kept(tag: str) -> str:
    word = " ".join(tag.lower().split())
    if not word or len(word) > _LONGEST:
        raise BadInput(say("A tag is a word or a few, of {most} characters at most.", most=_LONGEST))
    return word
