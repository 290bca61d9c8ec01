"""what a crash leaves: turns begun, sends nobody saw the end of, a lease for each conversation"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# A table that is made anew must go on never to give a number twice.
_NUMBERED = {"sqlite_autoincrement": True}


def upgrade() -> None:
    with op.batch_alter_table("accounts") as table:
        table.add_column(sa.Column("resend_unknown", sa.Boolean(), server_default=sa.text("true"), nullable=False))
    with op.batch_alter_table("mailbox", table_kwargs=_NUMBERED) as table:
        table.add_column(sa.Column("begins", sa.Integer(), server_default="0", nullable=False))
        table.add_column(sa.Column("under_way", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        table.add_column(sa.Column("crashes", sa.Integer(), server_default="0", nullable=False))
        table.add_column(sa.Column("recorded", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index(
        "mailbox_parked",
        "mailbox",
        ["id"],
        sqlite_where=sa.text("state = 'parked'"),
        postgresql_where=sa.text("state = 'parked'"),
    )
    with op.batch_alter_table("outbox", table_kwargs=_NUMBERED) as table:
        table.add_column(sa.Column("claimed_at", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("reported_at", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("resent", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index("outbox_witnessed", "outbox", ["account_id", "reported_at"])
    op.execute("DELETE FROM leases")  # there was one for all conversations
    with op.batch_alter_table("leases") as table:
        table.drop_column("number")
    op.create_index("ix_leases_holder", "leases", ["holder"])
    op.execute("UPDATE mailbox SET recorded = (1 = 1) WHERE state = 'parked'")


def downgrade() -> None:
    op.drop_index("ix_leases_holder", "leases")
    op.execute("DELETE FROM leases")
    with op.batch_alter_table("leases") as table:
        table.add_column(sa.Column("number", sa.Integer(), nullable=False))
    op.drop_index("outbox_witnessed", "outbox")
    with op.batch_alter_table("outbox", table_kwargs=_NUMBERED) as table:
        table.drop_column("resent")
        table.drop_column("reported_at")
        table.drop_column("claimed_at")
    op.drop_index("mailbox_parked", "mailbox")
    with op.batch_alter_table("mailbox", table_kwargs=_NUMBERED) as table:
        table.drop_column("recorded")
        table.drop_column("crashes")
        table.drop_column("under_way")
        table.drop_column("begins")
    with op.batch_alter_table("accounts") as table:
        table.drop_column("resend_unknown")
