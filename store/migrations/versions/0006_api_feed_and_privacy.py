"""tokens and passwords of operators, the feed's numbers, raw webhooks, the audit log, settings, limits, versions"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NUMBERED = {"sqlite_autoincrement": True}
_VERSIONED = ("agents", "teams")
_VERSIONED_AND_NUMBERED = ("canned_replies", "notes")


def upgrade() -> None:
    _versions()
    _operators()
    _notices()
    _webhooks()
    _rules()
    _audit()


def _version() -> sa.Column:
    return sa.Column("version", sa.Integer(), server_default="1", nullable=False)


def _versions() -> None:
    for name in _VERSIONED:
        with op.batch_alter_table(name) as table:
            table.add_column(_version())
    for name in _VERSIONED_AND_NUMBERED:
        with op.batch_alter_table(name, table_kwargs=_NUMBERED) as table:
            table.add_column(_version())
    with op.batch_alter_table("accounts") as table:
        table.add_column(sa.Column("limits", sa.JSON(), server_default="{}", nullable=False))
        table.add_column(sa.Column("privacy", sa.JSON(), server_default="{}", nullable=False))
        table.add_column(_version())
    with op.batch_alter_table("contacts") as table:
        table.add_column(sa.Column("given_name", sa.String(200)))
        table.add_column(sa.Column("notice_at", sa.BigInteger()))
        table.add_column(_version())


def _operators() -> None:
    op.create_table(
        "operator_tokens",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("operator", sa.String(120), sa.ForeignKey("operators.name", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("seen_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash"),
    )
    op.create_index("operator_tokens_of", "operator_tokens", ["operator"])
    op.execute(
        "INSERT INTO operator_tokens (id, operator, kind, label, hash, created_at)"
        " SELECT 'tok_' || substr(token_hash, 1, 20), name, 'key', 'first', token_hash, created_at FROM operators"
    )
    with op.batch_alter_table("operators") as table:
        table.add_column(sa.Column("password_hash", sa.Text()))
        table.add_column(sa.Column("failed_sign_ins", sa.Integer(), server_default="0", nullable=False))
        table.add_column(sa.Column("locked_until", sa.BigInteger()))
        table.add_column(_version())
        table.drop_column("token_hash")
    op.create_table(
        "feed_tickets",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("token_id", sa.String(40), sa.ForeignKey("operator_tokens.id", ondelete="CASCADE"), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "unknown_sign_ins",
        sa.Column("name_hash", sa.String(64), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name_hash"),
    )
    op.create_index("ix_unknown_sign_ins_locked_until", "unknown_sign_ins", ["locked_until"])
    op.create_table(
        "idempotency_keys",
        sa.Column("operator", sa.String(120), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("operator", "key"),
    )
    op.create_index("ix_idempotency_keys_at", "idempotency_keys", ["at"])


def _notices() -> None:
    with op.batch_alter_table("notices", table_kwargs=_NUMBERED) as table:
        table.add_column(sa.Column("number", sa.BigInteger()))
    op.create_table(
        "counters",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    if op.get_context().dialect.name == "postgresql":  # those that are there keep the numbers they were told under
        op.execute("UPDATE notices SET number = id")
        op.execute("INSERT INTO counters (name, value) SELECT 'notices', coalesce(max(id), 0) FROM notices")
    op.create_index("notices_number", "notices", ["number"], unique=True)
    unnumbered = sa.text("number IS NULL")
    op.create_index(
        "notices_unnumbered", "notices", ["id"], sqlite_where=unnumbered, postgresql_where=unnumbered
    )
    op.create_index("notices_at", "notices", ["at"])
    op.create_index("messages_at", "messages", ["at"])


def _webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("accounts", sa.JSON(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_webhooks_received_at", "webhooks", ["received_at"])
    for name, column, state in (("webhooks_due", "due_at", "received"), ("webhooks_parked", "id", "parked")):
        where = sa.text(f"state = '{state}'")
        op.create_index(name, "webhooks", [column], sqlite_where=where, postgresql_where=where)


def _rules() -> None:
    op.create_table(
        "settings",
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        _version(),
        sa.Column("changed_by", sa.String(120), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "spent",
        sa.Column("account_id", sa.String(40), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "day", "kind"),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _SERIAL, autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(120), nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("fingerprint", sa.String(64)),
        sa.Column("salt_of", sa.String(40)),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit_salts",
        sa.Column("contact_id", sa.String(40), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("contact_id"),
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to()"
        )
    else:
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_is_kept_at_{what.lower()} BEFORE {what} ON audit"
                " BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END"
            )


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_is_kept ON audit")
        op.execute("DROP FUNCTION audit_is_only_added_to()")
    for name in ("audit_salts", "audit", "spent", "settings", "webhooks"):
        op.drop_table(name)
    _notices_as_before()
    op.drop_table("unknown_sign_ins")
    op.drop_table("idempotency_keys")
    op.drop_table("feed_tickets")
    _operators_as_before()
    with op.batch_alter_table("contacts") as table:
        for name in ("given_name", "notice_at", "version"):
            table.drop_column(name)
    with op.batch_alter_table("accounts") as table:
        for name in ("limits", "privacy", "version"):
            table.drop_column(name)
    for name in _VERSIONED_AND_NUMBERED:
        with op.batch_alter_table(name, table_kwargs=_NUMBERED) as table:
            table.drop_column("version")
    for name in _VERSIONED:
        with op.batch_alter_table(name) as table:
            table.drop_column("version")


def _notices_as_before() -> None:
    op.drop_index("messages_at", table_name="messages")
    op.drop_table("counters")
    for name in ("notices_at", "notices_unnumbered", "notices_number"):
        op.drop_index(name, table_name="notices")
    with op.batch_alter_table("notices", table_kwargs=_NUMBERED) as table:
        table.drop_column("number")


def _operators_as_before() -> None:
    """Each has one token again: the oldest that does not end. Who has none needs a new one."""
    with op.batch_alter_table("operators") as table:
        table.add_column(sa.Column("token_hash", sa.String(64)))
    op.execute(
        "UPDATE operators SET token_hash = coalesce((SELECT hash FROM operator_tokens WHERE operator = name"
        " AND kind = 'key' AND expires_at IS NULL ORDER BY created_at, id LIMIT 1), substr('none ' || name, 1, 64))"
    )
    op.drop_table("operator_tokens")
    with op.batch_alter_table("operators") as table:
        table.alter_column("token_hash", existing_type=sa.String(64), nullable=False)
        table.create_unique_constraint("operators_token_hash_key", ["token_hash"])
        for name in ("password_hash", "failed_sign_ins", "locked_until", "version"):
            table.drop_column(name)
