"""Tickets: each opens one socket of the feed, once, within seconds. Only hashes are kept."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store import operator_tokens, operators
from store.operator_tokens import Token, hash_of
from store.operators import Operator
from store.tables import feed_tickets as table

LASTS = timedelta(seconds=30)
#: So many of one token are good at once: who asks for more loses the oldest.
_MOST = 20


def add(tx: Connection, token: Token, now: datetime) -> tuple[str, datetime]:
    """The ticket, which is seen here once and never again, and when it ends."""
    tx.execute(table.delete().where(table.c.expires_at <= now))
    newest = sa.select(table.c.hash).where(table.c.token_id == token.id).order_by(table.c.expires_at.desc())
    kept = list(tx.execute(newest.limit(_MOST - 1)).scalars())
    tx.execute(table.delete().where(table.c.token_id == token.id, table.c.hash.not_in(kept)))
    word, expires_at = "ft_" + secrets.token_urlsafe(32), now + LASTS
    tx.execute(table.insert().values(hash=hash_of(word), token_id=token.id, expires_at=expires_at))
    return word, expires_at


def spend(tx: Connection, word: str, now: datetime) -> tuple[Operator, Token] | None:
    """Who it was given to, where it is good now and their token still is. It is worth nothing afterwards."""
    row = tx.execute(sa.select(table).where(table.c.hash == hash_of(word))).first()
    if row is None or not tx.execute(table.delete().where(table.c.hash == row.hash)).rowcount:
        return None  # another has just used it
    token = operator_tokens.find(tx, row.token_id)
    if now >= row.expires_at or token is None or not token.is_good(now):
        return None
    return operators.get(tx, token.operator), token
