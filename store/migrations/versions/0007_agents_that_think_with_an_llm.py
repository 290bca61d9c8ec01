"""whom an agent thinks with and what that cost, what operators try out, accounts that are out of use"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("agents") as table:
        table.add_column(sa.Column("description", sa.String(400), server_default="", nullable=False))
        table.add_column(sa.Column("provider", sa.String(16), server_default="rasa", nullable=False))
        table.add_column(sa.Column("model", sa.JSON(), server_default="{}", nullable=False))
        table.add_column(sa.Column("api_key", sa.LargeBinary()))
    with op.batch_alter_table("accounts") as table:
        table.add_column(sa.Column("removed_at", sa.BigInteger()))
    op.create_table(
        "llm_calls",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("agent_id", sa.String(40), nullable=False),
        sa.Column("conversation_id", sa.String(40)),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("tokens_in", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tokens_out", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cost", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_llm_calls_conversation_id", "llm_calls", ["conversation_id"])
    op.create_index("llm_calls_of_agent", "llm_calls", ["agent_id", "at"])
    op.create_table(
        "trials",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("agent_id", sa.String(40), nullable=False),
        sa.Column("session", sa.String(80), nullable=False),
        sa.Column("operator", sa.String(120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("answer", sa.JSON()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_trials_created_at", "trials", ["created_at"])


def downgrade() -> None:
    """Agents that thought with an LLM are Rasa's again, and accounts that were removed are back, switched off."""
    op.drop_table("trials")
    op.drop_table("llm_calls")
    with op.batch_alter_table("accounts") as table:
        table.drop_column("removed_at")
    with op.batch_alter_table("agents") as table:
        for name in ("api_key", "model", "provider", "description"):
            table.drop_column(name)
