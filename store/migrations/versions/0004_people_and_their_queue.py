"""people and their queue: statuses, requests with priority, teams, notes, deadlines, who is told"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# A table that is made anew must go on never to give a number twice.
_NUMBERED = {"sqlite_autoincrement": True}
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _widen()
    _indexes()
    _people()
    _beside_a_conversation()
    _told()
    op.create_table(
        "deadlines",
        sa.Column("conversation_id", sa.String(40), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "kind"),
    )
    op.create_index("ix_deadlines_due_at", "deadlines", ["due_at"])
    # Who waits already waits since they were heard last.
    op.execute(
        "UPDATE conversations SET waiting_since = coalesce(last_inbound_at, created_at) WHERE state = 'pending'"
    )


def _widen() -> None:
    with op.batch_alter_table("accounts") as table:
        table.add_column(sa.Column("handover", sa.JSON(), server_default="{}", nullable=False))
    with op.batch_alter_table("conversations") as table:
        table.add_column(sa.Column("status", sa.String(16), server_default="open", nullable=False))
        table.add_column(sa.Column("team_id", sa.String(40)))
        table.add_column(sa.Column("last_owner", sa.String(120)))
        table.add_column(sa.Column("last_owned_at", sa.BigInteger()))
        table.add_column(sa.Column("waiting_since", sa.BigInteger()))
        table.add_column(sa.Column("snoozed_until", sa.BigInteger()))
        table.add_column(sa.Column("nobody_answers", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        table.add_column(sa.Column("arrival_due", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        table.add_column(sa.Column("language", sa.String(8)))
        table.add_column(sa.Column("thread_owner", sa.String(80)))
    with op.batch_alter_table("requests", table_kwargs=_NUMBERED) as table:
        table.add_column(sa.Column("priority", sa.String(16), server_default="medium", nullable=False))
        table.add_column(sa.Column("asked_by", sa.String(120), server_default="assistant", nullable=False))
        table.add_column(sa.Column("team_id", sa.String(40)))
        table.add_column(sa.Column("expires_at", sa.BigInteger()))
        table.add_column(sa.Column("ended_by", sa.String(120)))
    with op.batch_alter_table("handovers", table_kwargs=_NUMBERED) as table:
        table.add_column(sa.Column("status_before", sa.String(16), server_default="open", nullable=False))
        table.add_column(sa.Column("status_after", sa.String(16), server_default="open", nullable=False))
        table.add_column(sa.Column("owner_before", sa.String(120)))
        table.add_column(sa.Column("owner_after", sa.String(120)))
    with op.batch_alter_table("operators") as table:
        table.add_column(sa.Column("all_accounts", sa.Boolean(), server_default=sa.text("true"), nullable=False))
        table.add_column(sa.Column("presence", sa.String(16), server_default="offline", nullable=False))
        table.add_column(sa.Column("seen_at", sa.BigInteger()))
        table.add_column(sa.Column("capacity", sa.Integer(), server_default="5", nullable=False))
        table.add_column(sa.Column("given_at", sa.BigInteger()))


def _indexes() -> None:
    for name, columns, condition in (
        ("conversations_owned", ["owner"], "owner IS NOT NULL"),
        ("conversations_pending", ["state", "waiting_since"], "state = 'pending'"),
    ):
        op.create_index(
            name, "conversations", columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition)
        )
    op.create_index(
        "requests_waiting",
        "requests",
        ["conversation_id"],
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )


def _people() -> None:
    operator = sa.ForeignKey("operators.name", ondelete="CASCADE")
    op.create_table(
        "operator_accounts",
        sa.Column("operator", sa.String(120), operator, nullable=False),
        sa.Column("account_id", sa.String(40), sa.ForeignKey("accounts.id"), nullable=False),
        sa.PrimaryKeyConstraint("operator", "account_id"),
    )
    op.create_table(
        "teams",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("assignment", sa.String(16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "team_members",
        sa.Column("team_id", sa.String(40), sa.ForeignKey("teams.id", ondelete="CASCADE"), nullable=False),
        sa.Column(
            "operator", sa.String(120), sa.ForeignKey("operators.name", ondelete="CASCADE"), nullable=False
        ),
        sa.PrimaryKeyConstraint("team_id", "operator"),
    )


def _beside_a_conversation() -> None:
    op.create_table(
        "notes",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("conversation_id", sa.String(40), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("by", sa.String(120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notes_conversation_id", "notes", ["conversation_id"])
    op.create_table(
        "tags",
        sa.Column("conversation_id", sa.String(40), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("tag", sa.String(60), nullable=False),
        sa.Column("by", sa.String(120), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "tag"),
    )
    op.create_table(
        "canned_replies",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("shortcut", sa.String(60), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("account_id", sa.String(40), sa.ForeignKey("accounts.id")),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.String(120), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "ratings",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("conversation_id", sa.String(40), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("operator", sa.String(120)),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.Integer()),
        sa.Column("at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ratings_conversation_id", "ratings", ["conversation_id"])


def _told() -> None:
    op.create_table(
        "alert_rules",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("operator", sa.String(120), sa.ForeignKey("operators.name", ondelete="CASCADE")),
        sa.Column("team_id", sa.String(40), sa.ForeignKey("teams.id", ondelete="CASCADE")),
        sa.Column("means", sa.String(16), nullable=False),
        sa.Column("target", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.LargeBinary()),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("after_s", sa.Integer(), server_default="0", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("fault", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "alerts",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("rule_id", sa.String(40), sa.ForeignKey("alert_rules.id", ondelete="CASCADE"), nullable=False),
        sa.Column("conversation_id", sa.String(40), sa.ForeignKey("conversations.id")),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_by", sa.String(80)),
        sa.Column("claim_deadline", sa.BigInteger()),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "alerts_due",
        "alerts",
        ["due_at"],
        sqlite_where=sa.text("state IN ('waiting', 'claimed')"),
        postgresql_where=sa.text("state IN ('waiting', 'claimed')"),
    )
    op.create_index("alerts_of_conversation", "alerts", ["conversation_id"])


def downgrade() -> None:
    for table in ("alerts", "alert_rules", "ratings", "canned_replies", "tags", "notes", "deadlines"):
        op.drop_table(table)
    for table in ("team_members", "teams", "operator_accounts"):
        op.drop_table(table)
    op.drop_index("requests_waiting", "requests")
    op.drop_index("conversations_pending", "conversations")
    op.drop_index("conversations_owned", "conversations")
    for name, columns, made_anew in (
        ("operators", ("all_accounts", "presence", "seen_at", "capacity", "given_at"), {}),
        ("handovers", ("status_before", "status_after", "owner_before", "owner_after"), _NUMBERED),
        ("requests", ("priority", "asked_by", "team_id", "expires_at", "ended_by"), _NUMBERED),
        ("conversations", _OF_A_CONVERSATION, {}),
        ("accounts", ("handover",), {}),
    ):
        with op.batch_alter_table(name, table_kwargs=made_anew) as changed:
            for column in columns:
                changed.drop_column(column)


_OF_A_CONVERSATION = (
    "status",
    "team_id",
    "last_owner",
    "last_owned_at",
    "waiting_since",
    "snoozed_until",
    "nobody_answers",
    "arrival_due",
    "language",
    "thread_owner",
)
