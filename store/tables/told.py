"""Who is told of what, and what we were told."""

from __future__ import annotations

import sqlalchemy as sa

from store.tables.columns import Id, Instant, Words, metadata, serial

#: Who is to be told of what, and how: for an operator or for a team.
alert_rules = sa.Table(
    "alert_rules",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("operator", sa.String(120), sa.ForeignKey("operators.name", ondelete="CASCADE")),
    sa.Column("team_id", Id, sa.ForeignKey("teams.id", ondelete="CASCADE")),
    sa.Column("means", sa.String(16), nullable=False),  # webhook, email
    sa.Column("target", sa.LargeBinary, nullable=False),  # encrypted: a URL often holds a token
    sa.Column("secret", sa.LargeBinary),  # encrypted: signs the webhook
    sa.Column("settings", sa.JSON, nullable=False),  # events, quiet hours, shape of the body
    sa.Column("after_s", sa.Integer, nullable=False, server_default="0"),  # told only if nobody has reacted by then
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("fault", sa.Text),
    sa.Column("created_at", Instant, nullable=False),
)

#: What is to be told to somebody outside: one row, one webhook or e-mail.
alerts = sa.Table(
    "alerts",
    metadata,
    serial(),
    sa.Column("rule_id", Id, sa.ForeignKey("alert_rules.id", ondelete="CASCADE"), nullable=False),
    sa.Column("conversation_id", Id, sa.ForeignKey("conversations.id")),
    sa.Column("event", sa.String(40), nullable=False),
    sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("claimed_by", sa.String(80)),
    sa.Column("claim_deadline", Instant),
    sa.Column("error", sa.Text),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sqlite_autoincrement=True,
)
_TO_BE_TOLD = alerts.c.state.in_(["waiting", "claimed"])
sa.Index("alerts_due", alerts.c.due_at, sqlite_where=_TO_BE_TOLD, postgresql_where=_TO_BE_TOLD)
sa.Index("alerts_of_conversation", alerts.c.conversation_id)

#: What operators are told. On PostgreSQL ids are given before a commit: `number` is given after it, in order.
notices = sa.Table(
    "notices",
    metadata,
    serial(),
    sa.Column("number", sa.BigInteger),  # None: not given yet; on SQLite the id is the number
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("conversation_id", Id, index=True),
    sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)
_UNNUMBERED = notices.c.number.is_(None)
sa.Index("notices_number", notices.c.number, unique=True)
sa.Index("notices_unnumbered", notices.c.id, sqlite_where=_UNNUMBERED, postgresql_where=_UNNUMBERED)
sa.Index("notices_at", notices.c.at)

#: Numbers that are given one after the other, each under its row's lock.
counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

#: Every webhook as it came, and what became of it. The signature and all headers are left out.
webhooks = sa.Table(
    "webhooks",
    metadata,
    serial(),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("accounts", sa.JSON, nullable=False),  # the ids of ours that stand in it
    sa.Column("kinds", sa.JSON, nullable=False),  # of what was in it, each once
    sa.Column("state", sa.String(16), nullable=False),  # received, processed, ignored, parked
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("error", Words),
    sa.Column("body", Words, nullable=False),
    sa.Column("received_at", Instant, nullable=False, index=True),
    sa.Column("due_at", Instant),  # of the next attempt, while it is `received`
    sa.Column("ended_at", Instant),
    sqlite_autoincrement=True,
)
_TO_BE_TAKEN = webhooks.c.state == "received"
sa.Index("webhooks_due", webhooks.c.due_at, sqlite_where=_TO_BE_TAKEN, postgresql_where=_TO_BE_TAKEN)
_PARKED = webhooks.c.state == "parked"
sa.Index("webhooks_parked", webhooks.c.id, sqlite_where=_PARKED, postgresql_where=_PARKED)

#: What Meta told us that has no place in a conversation.
webhook_events = sa.Table(
    "webhook_events",
    metadata,
    serial(),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("account", Words(64)),
    sa.Column("kind", Words(80), nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

#: When something was last known to be well, by name.
pulses = sa.Table(
    "pulses",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("at", Instant, nullable=False),
)
