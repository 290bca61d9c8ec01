"""What a platform keeps of us and asks of us: templates, pace, whom we wrote to first; and whom we took for two."""

from __future__ import annotations

import sqlalchemy as sa

from store.tables.columns import Id, Instant, Words, metadata

#: Messages that Meta approves beforehand, as it last told of them. One is known by its name and language.
templates = sa.Table(
    "templates",
    metadata,
    sa.Column("business_id", Words(64), primary_key=True),  # of the business account they belong to, not of a number
    sa.Column("name", sa.String(512), primary_key=True),
    sa.Column("language", sa.String(16), primary_key=True),
    sa.Column("provider_id", Words(64), nullable=False, index=True),
    sa.Column("category", sa.String(40), nullable=False),
    sa.Column("status", sa.String(40), nullable=False),
    sa.Column("quality", sa.String(40)),
    sa.Column("reason", Words(400)),  # why it was refused, paused or disabled
    sa.Column("components", sa.JSON, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
    sa.Column("missing_since", Instant),  # not in Meta's last list
)

#: How fast we write: a bucket that fills by itself. `number:…` is an account's, `pair:…` a conversation's.
paces = sa.Table(
    "paces",
    metadata,
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("conversation_id", Id, index=True),
    sa.Column("level", sa.Float, nullable=False),  # requests that may be made at once, as of `at`
    sa.Column("at", Instant, nullable=False),
)

#: Whom an account wrote to outside their window, and when last: Meta counts how many they are in a day.
initiations = sa.Table(
    "initiations",
    metadata,
    sa.Column("conversation_id", Id, primary_key=True),
    sa.Column("account_id", Id, nullable=False),
    sa.Column("at", Instant, nullable=False),
)
sa.Index("initiations_of_account", initiations.c.account_id, initiations.c.at)

#: Contacts and conversations that turned out to be another one: old names lead to it.
former_ids = sa.Table(
    "former_ids",
    metadata,
    sa.Column("old_id", Id, primary_key=True),
    sa.Column("new_id", Id, nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),  # contact, conversation
    sa.Column("at", Instant, nullable=False),
)
