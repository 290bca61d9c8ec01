"""What the installation is set to, what may be spent, and who did what."""

from __future__ import annotations

import sqlalchemy as sa

from store.tables.columns import Id, Instant, metadata, serial

#: Settings of the whole installation that are changed while it runs, by name.
settings = sa.Table(
    "settings",
    metadata,
    sa.Column("name", sa.String(60), primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("changed_by", sa.String(120), nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
)

#: How much of what is limited an account has used on a day of its own time zone.
spent = sa.Table(
    "spent",
    metadata,
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("day", sa.String(10), primary_key=True),  # 2026-12-24
    sa.Column("kind", sa.String(16), primary_key=True),  # messages, paid
    sa.Column("count", sa.Integer, nullable=False),
)

#: Who did what. Only added to (triggers hold that); each row's hash is over the one before it.
audit = sa.Table(
    "audit",
    metadata,
    serial(),
    sa.Column("at", Instant, nullable=False),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("action", sa.String(60), nullable=False),
    sa.Column("facts", sa.JSON, nullable=False),  # ids and codes, no words of anybody's
    sa.Column("fingerprint", sa.String(64)),  # of the words that were written, under the salt of whom they concern
    sa.Column("salt_of", Id),  # the contact; without their salt nobody can tell what was written
    sa.Column("previous", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sqlite_autoincrement=True,
)

#: Destroyed when a contact is erased: the audit goes on, and says nothing about them any more.
audit_salts = sa.Table(
    "audit_salts",
    metadata,
    sa.Column("contact_id", Id, primary_key=True),
    sa.Column("salt", sa.LargeBinary, nullable=False),
)
