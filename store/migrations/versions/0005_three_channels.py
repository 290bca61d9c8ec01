"""three channels: their settings, other names of accounts, profiles, files, the past, echoes that wait"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NUMBERED = {"sqlite_autoincrement": True}


def upgrade() -> None:
    _widen()
    _names()
    _files()
    _the_past()


def _widen() -> None:
    with op.batch_alter_table("accounts") as table:
        table.add_column(sa.Column("channel_settings", sa.JSON(), server_default="{}", nullable=False))
        table.add_column(sa.Column("token_expires_at", sa.BigInteger()))
        table.add_column(sa.Column("refresh_due_at", sa.BigInteger()))
        table.add_column(sa.Column("paused_until", sa.BigInteger()))
    with op.batch_alter_table("contacts") as table:
        table.add_column(sa.Column("username", sa.String(120)))
        table.add_column(sa.Column("profile", sa.JSON(), server_default="{}", nullable=False))
        table.add_column(sa.Column("picture_id", sa.BigInteger()))
        table.add_column(sa.Column("profile_due_at", sa.BigInteger()))
    waits = sa.text("profile_due_at IS NOT NULL")
    op.create_index(
        "contacts_profile_due", "contacts", ["profile_due_at"], sqlite_where=waits, postgresql_where=waits
    )
    with op.batch_alter_table("conversations") as table:
        table.add_column(sa.Column("echo_held", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("messages", table_kwargs=_NUMBERED) as table:
        table.add_column(sa.Column("edited_at", sa.BigInteger()))
        table.add_column(sa.Column("removed_at", sa.BigInteger()))


def _names() -> None:
    op.create_table(
        "account_aliases",
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("provider_id", sa.String(64), nullable=False),
        sa.Column("account_id", sa.String(40), sa.ForeignKey("accounts.id"), nullable=False),
        sa.PrimaryKeyConstraint("channel", "provider_id"),
    )
    op.create_table(
        "personas",
        sa.Column("account_id", sa.String(40), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("operator", sa.String(120), nullable=False),
        sa.Column("provider_id", sa.String(64), nullable=False),
        sa.Column("shown_as", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "operator"),
    )
    op.create_table(
        "connect_states",
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("operator", sa.String(120), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("nonce"),
    )


def _files() -> None:
    op.create_table(
        "media",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("account_id", sa.String(40), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("message_id", _SERIAL, sa.ForeignKey("messages.id")),
        sa.Column("contact_id", sa.String(40), sa.ForeignKey("contacts.id")),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("source", sa.LargeBinary()),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("declared_type", sa.String(120)),
        sa.Column("type", sa.String(120)),
        sa.Column("name", sa.String(200)),
        sa.Column("size", sa.BigInteger()),
        sa.Column("sha256", sa.String(64)),
        sa.Column("uploaded_by", sa.String(120)),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("stored_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    wanted = sa.text("state = 'wanted'")
    op.create_index("media_due", "media", ["due_at"], sqlite_where=wanted, postgresql_where=wanted)
    op.create_index("media_of_message", "media", ["message_id"])
    op.create_index("media_of_contact", "media", ["contact_id"])
    op.create_index("media_by_content", "media", ["sha256"])
    op.create_table(
        "uploads",
        sa.Column("account_id", sa.String(40), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("attachment_id", sa.String(200), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "key"),
    )


def _the_past() -> None:
    op.create_table(
        "held_echoes",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("account_id", sa.String(40), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("conversation_id", sa.String(40), sa.ForeignKey("conversations.id"), nullable=False),
        sa.Column("echo", sa.JSON(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_held_echoes_conversation_id", "held_echoes", ["conversation_id"])
    op.create_table(
        "syncs",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("account_id", sa.String(40), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("since", sa.BigInteger()),
        sa.Column("cursor", sa.JSON(), nullable=False),
        sa.Column("conversations_seen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("messages_added", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("asked_by", sa.String(120), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    open_ = sa.text("state IN ('waiting', 'running')")
    op.create_index("syncs_due", "syncs", ["due_at"], sqlite_where=open_, postgresql_where=open_)
    op.create_table(
        "pulses",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    for table in ("pulses", "syncs", "held_echoes", "uploads", "media", "connect_states", "personas"):
        op.drop_table(table)
    op.drop_table("account_aliases")
    op.drop_index("contacts_profile_due", "contacts")
    for name, columns, made_anew in (
        ("messages", ("edited_at", "removed_at"), _NUMBERED),
        ("conversations", ("echo_held",), {}),
        ("contacts", ("username", "profile", "picture_id", "profile_due_at"), {}),
        ("accounts", ("channel_settings", "token_expires_at", "refresh_due_at", "paused_until"), {}),
    ):
        with op.batch_alter_table(name, table_kwargs=made_anew) as changed:
            for column in columns:
                changed.drop_column(column)
