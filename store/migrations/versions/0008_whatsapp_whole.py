"""templates, pace, whom we wrote to first, contacts that were one, what Meta says of a number, opt-outs, prices"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("accounts") as table:
        table.add_column(sa.Column("meta", sa.JSON(), server_default="{}", nullable=False))
    with op.batch_alter_table("contacts") as table:
        table.add_column(sa.Column("opted_out_at", sa.BigInteger()))
        table.add_column(sa.Column("opted_out_by", sa.String(40)))
    with op.batch_alter_table("mailbox") as table:
        table.add_column(sa.Column("answered_with", _SERIAL))
    together = sa.text("answered_with IS NOT NULL")
    op.create_index("mailbox_together", "mailbox", ["message_id"], sqlite_where=together, postgresql_where=together)
    with op.batch_alter_table("messages") as table:
        table.add_column(sa.Column("pricing", sa.JSON()))
    with op.batch_alter_table("buttons") as table:
        table.add_column(sa.Column("number", sa.Integer()))
    op.create_table(
        "templates",
        sa.Column("business_id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(512), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("provider_id", sa.String(64), nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("quality", sa.String(40)),
        sa.Column("reason", sa.String(400)),
        sa.Column("components", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("missing_since", sa.BigInteger()),
        sa.PrimaryKeyConstraint("business_id", "name", "language"),
    )
    op.create_index("ix_templates_provider_id", "templates", ["provider_id"])
    op.create_table(
        "paces",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("conversation_id", sa.String(40)),
        sa.Column("level", sa.Float(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_index("ix_paces_conversation_id", "paces", ["conversation_id"])
    op.create_table(
        "initiations",
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("account_id", sa.String(40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id"),
    )
    op.create_index("initiations_of_account", "initiations", ["account_id", "at"])
    op.create_table(
        "former_ids",
        sa.Column("old_id", sa.String(40), nullable=False),
        sa.Column("new_id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("old_id"),
    )
    op.create_index("ix_former_ids_new_id", "former_ids", ["new_id"])


def downgrade() -> None:
    """What was merged stays merged; its old names lead to nobody any more. Opt-outs and prices are forgotten."""
    for name in ("former_ids", "initiations", "paces", "templates"):
        op.drop_table(name)
    op.drop_index("mailbox_together", "mailbox")
    for name, columns in (
        ("buttons", ("number",)),
        ("messages", ("pricing",)),
        ("mailbox", ("answered_with",)),
        ("contacts", ("opted_out_by", "opted_out_at")),
        ("accounts", ("meta",)),
    ):
        with op.batch_alter_table(name) as table:
            for column in columns:
                table.drop_column(column)
