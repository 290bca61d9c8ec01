"""Canned replies, found by a shortcut in a language; an account's own stand before those of all accounts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import regex
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from conversation import canned, versions
from conversation.account import AccountId
from conversation.errors import BadInput, NotFound
from conversation.said import say
from store import accounts, doors
from store.tables import canned_replies as table

_LONGEST_SHORTCUT, _LONGEST_TEXT = 60, 4_096


@dataclass(frozen=True, kw_only=True)
class CannedReply:
    """`account_id`: None where it is for all."""

    id: int
    shortcut: str
    language: str
    account_id: AccountId | None
    text: str
    by: str
    at: datetime
    version: int


def from_row(row: Any) -> CannedReply:
    return CannedReply(
        id=row.id,
        shortcut=row.shortcut,
        language=row.language,
        account_id=AccountId(row.account_id) if row.account_id else None,
        text=row.text,
        by=row.by,
        at=row.at,
        version=row.version,
    )


def add(
    tx: Connection,
    *,
    shortcut: str,
    language: str,
    text: str,
    by: str,
    now: datetime,
    account_id: str | None = None,
) -> CannedReply:
    values = _checked(tx, shortcut, language, text, account_id)
    _nobody_elses(tx, values)
    added = tx.execute(table.insert(), {**values, "by": by, "at": now})
    return get(tx, added.inserted_primary_key[0])


def change(
    tx: Connection,
    reply_id: int,
    *,
    shortcut: str,
    language: str,
    text: str,
    by: str,
    now: datetime,
    account_id: str | None = None,
    version: int | None = None,
) -> CannedReply:
    """Whole, anew. `version`: the one that was read before."""
    known = _locked(tx, reply_id)
    versions.check(known.version, version)
    values = _checked(tx, shortcut, language, text, account_id)
    _nobody_elses(tx, values, but=reply_id)
    tx.execute(table.update().where(table.c.id == reply_id).values(**values, by=by, at=now, version=known.version + 1))
    return get(tx, reply_id)


def remove(tx: Connection, reply_id: int) -> None:
    if not tx.execute(table.delete().where(table.c.id == reply_id)).rowcount:
        raise NotFound(say("There is no canned reply {reply}.", reply=reply_id))


def get(tx: Connection, reply_id: int) -> CannedReply:
    return _found(tx.execute(sa.select(table).where(table.c.id == reply_id)).first(), reply_id)


def _locked(tx: Connection, reply_id: int) -> CannedReply:
    return _found(tx.execute(sa.select(table).where(table.c.id == reply_id).with_for_update()).first(), reply_id)


def _found(row: Any, reply_id: int) -> CannedReply:
    if row is None:
        raise NotFound(say("There is no canned reply {reply}.", reply=reply_id))
    return from_row(row)


def all_of(tx: Connection, account_ids: Collection[str] | None = None) -> list[CannedReply]:
    """Those for all, and those of these accounts (None: of every account)."""
    query = sa.select(table).order_by(table.c.shortcut, table.c.language, table.c.id)
    if account_ids is not None:
        query = query.where(sa.or_(table.c.account_id.is_(None), table.c.account_id.in_(list(account_ids))))
    return [from_row(row) for row in tx.execute(query)]


def for_account(tx: Connection, account_id: str) -> list[CannedReply]:
    """What may be sent from this account, one for each shortcut and language."""
    found = {(reply.shortcut, reply.language): reply for reply in all_of(tx, ()) if reply.account_id is None}
    own = [reply for reply in all_of(tx, [account_id]) if reply.account_id is not None]
    found.update({(reply.shortcut, reply.language): reply for reply in own})
    return [found[key] for key in sorted(found)]


def _checked(tx: Connection, shortcut: str, language: str, text: str, account_id: str | None) -> dict[str, Any]:
    word = shortcut.strip().lstrip("/").lower()
    if not regex.fullmatch(r"[\w-]+", word) or len(word) > _LONGEST_SHORTCUT:
        raise BadInput(say("A shortcut is a word like /hours, of {most} characters at most.", most=_LONGEST_SHORTCUT))
    if not regex.fullmatch(r"[a-z]{2}", language):
        raise BadInput(say("A language is two letters: pt, en."))
    if not text.strip() or len(text) > _LONGEST_TEXT:
        raise BadInput(say("A canned reply needs a text, of {most} characters at most.", most=_LONGEST_TEXT))
    canned.check(text)
    account = accounts.get(tx, account_id).id if account_id is not None else None
    return {"shortcut": word, "language": language, "text": text.strip(), "account_id": account}


def _nobody_elses(tx: Connection, values: dict[str, Any], but: int | None = None) -> None:
    """One of each; two who add the same at once wait for each other here."""
    doors.hold(tx, f"canned:{values['shortcut']}")
    same = [table.c[name] == values[name] for name in ("shortcut", "language")]
    theirs = table.c.account_id.is_not_distinct_from(values["account_id"])
    if tx.execute(sa.select(table.c.id).where(*same, theirs, table.c.id != (but or 0))).first():
        same_words = {name: values[name] for name in ("shortcut", "language")}
        raise BadInput(say("There is already a reply /{shortcut} in {language}.", **same_words))
