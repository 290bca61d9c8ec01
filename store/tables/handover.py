"""Who answers: requests, the log of every change, and the times at which something is due."""

from __future__ import annotations

import sqlalchemy as sa

from store.tables.columns import Id, Instant, Words, metadata, serial

requests = sa.Table(
    "requests",
    metadata,
    serial(),
    sa.Column("conversation_id", Id, sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("priority", sa.String(16), nullable=False, server_default="medium"),
    sa.Column("reason", sa.String(120), nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Column("asked_by", sa.String(120), nullable=False, server_default="assistant"),
    sa.Column("team_id", Id),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("expires_at", Instant),
    sa.Column("ended_at", Instant),
    sa.Column("ended_by", sa.String(120)),
    sqlite_autoincrement=True,
)
_WAITS = requests.c.state == "pending"
sa.Index("requests_waiting", requests.c.conversation_id, sqlite_where=_WAITS, postgresql_where=_WAITS)

handovers = sa.Table(
    "handovers",
    metadata,
    serial(),
    sa.Column("conversation_id", Id, sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("command", sa.String(16), nullable=False),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("before", sa.String(16), nullable=False),
    sa.Column("after", sa.String(16), nullable=False),
    sa.Column("status_before", sa.String(16), nullable=False, server_default="open"),
    sa.Column("status_after", sa.String(16), nullable=False, server_default="open"),
    sa.Column("owner_before", sa.String(120)),
    sa.Column("owner_after", sa.String(120)),
    sa.Column("ownership", sa.Integer, nullable=False),
    sa.Column("reason", sa.String(200)),
    sa.Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

#: Who runs a conversation's actor, by the conversation's id.
leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("holder", sa.String(80), nullable=False, index=True),
    sa.Column("expires_at", Instant, nullable=False),
)

timers = sa.Table(
    "timers",
    metadata,
    serial(),
    sa.Column("conversation_id", Id, sa.ForeignKey("conversations.id"), nullable=False),
    sa.Column("name", Words(200), nullable=False),
    sa.Column("due_at", Instant, nullable=False, index=True),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.UniqueConstraint("conversation_id", "name"),
    sqlite_autoincrement=True,
)

#: What the rules of handover do by themselves when a time comes; `timers` are the dialogue's.
deadlines = sa.Table(
    "deadlines",
    metadata,
    sa.Column("conversation_id", Id, sa.ForeignKey("conversations.id"), primary_key=True),
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("due_at", Instant, nullable=False, index=True),
)
