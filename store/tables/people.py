"""Operators, their teams, and what they write for each other."""

from __future__ import annotations

import sqlalchemy as sa

from store.tables.columns import Id, Instant, Words, metadata, serial

operators = sa.Table(
    "operators",
    metadata,
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("password_hash", sa.Text),  # argon2id; None: they sign in with a token only
    sa.Column("failed_sign_ins", sa.Integer, nullable=False, server_default="0"),  # in a row
    sa.Column("locked_until", Instant),  # of the last failure; it may be over
    sa.Column("all_accounts", sa.Boolean, nullable=False, server_default=sa.true()),  # else those of operator_accounts
    sa.Column("presence", sa.String(16), nullable=False, server_default="offline"),
    sa.Column("seen_at", Instant),  # when they last asked for anything
    sa.Column("capacity", sa.Integer, nullable=False, server_default="5"),  # conversations they are given at most
    sa.Column("given_at", Instant),  # when they were last given one
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),  # one more at each change by people
    sa.Column("created_at", Instant, nullable=False),
)

#: What operators prove themselves with. Only hashes: a token has 256 random bits and needs no slow one.
operator_tokens = sa.Table(
    "operator_tokens",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("operator", sa.String(120), sa.ForeignKey("operators.name", ondelete="CASCADE"), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),  # session: made by signing in; key: made to be kept
    sa.Column("label", Words(120), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant),  # None: never
    sa.Column("seen_at", Instant),
)
sa.Index("operator_tokens_of", operator_tokens.c.operator)

#: One opens one socket of the feed, once, within seconds.
feed_tickets = sa.Table(
    "feed_tickets",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("token_id", Id, sa.ForeignKey("operator_tokens.id", ondelete="CASCADE"), nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
)

#: What a send with an Idempotency-Key led to: asked again, the same is answered.
idempotency_keys = sa.Table(
    "idempotency_keys",
    metadata,
    sa.Column("operator", sa.String(120), primary_key=True),
    sa.Column("key", sa.String(120), primary_key=True),
    sa.Column("request", sa.String(64), nullable=False),  # a hash of what was asked: another one is refused
    sa.Column("conversation_id", Id, nullable=False),
    sa.Column("answer", sa.JSON, nullable=False),
    sa.Column("at", Instant, nullable=False, index=True),
)

#: Names that nobody has and somebody signed in with: they are shut out like one that is an operator's, so that trying
#: tells nothing. The name is not kept, for it may be a password in the wrong field.
unknown_sign_ins = sa.Table(
    "unknown_sign_ins",
    metadata,
    sa.Column("name_hash", sa.String(64), primary_key=True),
    sa.Column("failed", sa.Integer, nullable=False),
    sa.Column("locked_until", Instant, nullable=False, index=True),
)

operator_accounts = sa.Table(
    "operator_accounts",
    metadata,
    sa.Column("operator", sa.String(120), sa.ForeignKey("operators.name", ondelete="CASCADE"), primary_key=True),
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), primary_key=True),
)

teams = sa.Table(
    "teams",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", sa.String(120), nullable=False, unique=True),
    sa.Column("assignment", sa.String(16), nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),  # one more at each change by people
    sa.Column("created_at", Instant, nullable=False),
)

team_members = sa.Table(
    "team_members",
    metadata,
    sa.Column("team_id", Id, sa.ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("operator", sa.String(120), sa.ForeignKey("operators.name", ondelete="CASCADE"), primary_key=True),
)

notes = sa.Table(
    "notes",
    metadata,
    serial(),
    sa.Column("conversation_id", Id, sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("text", Words, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),  # one more at each change by people
    sa.Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

tags = sa.Table(
    "tags",
    metadata,
    sa.Column("conversation_id", Id, sa.ForeignKey("conversations.id"), primary_key=True),
    sa.Column("tag", sa.String(60), primary_key=True),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("at", Instant, nullable=False),
)

canned_replies = sa.Table(
    "canned_replies",
    metadata,
    serial(),
    sa.Column("shortcut", sa.String(60), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id")),  # None: for all
    sa.Column("text", Words, nullable=False),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),  # one more at each change by people
    sa.Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

ratings = sa.Table(
    "ratings",
    metadata,
    serial(),
    sa.Column("conversation_id", Id, sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("operator", sa.String(120)),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("score", sa.Integer),  # 1 to 5; None until it is given
    sa.Column("at", Instant),
    sqlite_autoincrement=True,
)
