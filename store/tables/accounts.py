"""Our side and theirs: assistants, accounts, contacts, and how each is known on its channel."""

from __future__ import annotations

import sqlalchemy as sa

from store.tables.columns import Id, Instant, Words, metadata

agents = sa.Table(
    "agents",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("name", sa.String(120), nullable=False, unique=True),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("activation", sa.Integer, nullable=False, server_default="0"),
    sa.Column("description", Words(400), nullable=False, server_default=""),
    sa.Column("provider", sa.String(16), nullable=False, server_default="rasa"),
    sa.Column("model", sa.JSON, nullable=False, server_default="{}"),  # see conversation/agent_model.py
    sa.Column("api_key", sa.LargeBinary),  # the provider's, encrypted
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),  # one more at each change by people
    sa.Column("created_at", Instant, nullable=False),
)

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("provider_id", Words(64), nullable=False),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("agent_id", Id, sa.ForeignKey("agents.id"), nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("auto_response", sa.Boolean, nullable=False),
    sa.Column("activation", sa.Integer, nullable=False, server_default="0"),
    sa.Column("emulated", sa.Boolean, nullable=False),
    sa.Column("max_bot_messages_per_hour", sa.Integer, nullable=False),
    sa.Column("while_pending", sa.String(16), nullable=False),
    sa.Column("resend_unknown", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("handover", sa.JSON, nullable=False, server_default="{}"),  # see conversation/handover_settings.py
    sa.Column("channel_settings", sa.JSON, nullable=False, server_default="{}"),  # see conversation/channel_settings.py
    sa.Column("shop", sa.JSON, nullable=False),
    sa.Column("token", sa.LargeBinary),  # encrypted
    sa.Column("token_expires_at", Instant),  # None: never, or nobody knows
    sa.Column("refresh_due_at", Instant),
    sa.Column("paused_until", Instant),  # Meta takes no more of this account until then
    sa.Column("secrets", sa.LargeBinary),  # encrypted JSON list of the app's secrets, two while one is being replaced
    sa.Column("fault", sa.Text),
    sa.Column("limits", sa.JSON, nullable=False, server_default="{}"),  # see conversation/account_limits.py
    sa.Column("privacy", sa.JSON, nullable=False, server_default="{}"),  # see conversation/privacy_settings.py
    sa.Column("meta", sa.JSON, nullable=False, server_default="{}"),  # see conversation/platform_facts.py
    sa.Column("removed_at", Instant),  # out of use and out of lists; what was said on it is kept
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),  # one more at each change by people
    sa.Column("created_at", Instant, nullable=False),
    sa.UniqueConstraint("channel", "provider_id"),
)

#: Other ids under which webhooks speak of an account.
account_aliases = sa.Table(
    "account_aliases",
    metadata,
    sa.Column("channel", sa.String(16), primary_key=True),
    sa.Column("provider_id", Words(64), primary_key=True),
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), nullable=False),
)

contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("name", Words(200)),
    sa.Column("username", Words(120)),
    sa.Column("profile", sa.JSON, nullable=False, server_default="{}"),  # what else the channel tells of them
    sa.Column("picture_id", sa.BigInteger),  # of `media`
    sa.Column("profile_due_at", Instant),  # when to ask the channel about them; None: never
    sa.Column("given_name", Words(200)),  # what operators call them
    sa.Column("notice_at", Instant),  # when they were told that they talk with an assistant, and what is kept
    sa.Column("opted_out_at", Instant),  # they want nothing that they did not ask for; None: nothing stands against it
    sa.Column("opted_out_by", Words(40)),  # what said so: words, preference, refusal, operator
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),  # one more at each change by people
    sa.Column("created_at", Instant, nullable=False),
)
_ASK_ABOUT = contacts.c.profile_due_at.is_not(None)
sa.Index("contacts_profile_due", contacts.c.profile_due_at, sqlite_where=_ASK_ABOUT, postgresql_where=_ASK_ABOUT)

addresses = sa.Table(
    "addresses",
    metadata,
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("value", Words(200), primary_key=True),
    sa.Column("contact_id", Id, sa.ForeignKey("contacts.id"), nullable=False, index=True),
)

#: As whom an operator is shown to customers, where a channel can do that.
personas = sa.Table(
    "personas",
    metadata,
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("operator", sa.String(120), primary_key=True),
    sa.Column("provider_id", Words(64), nullable=False),
    sa.Column("shown_as", sa.JSON, nullable=False),  # name and picture it was made with
)

#: Sign-ins with Instagram that were begun: each comes back once.
connect_states = sa.Table(
    "connect_states",
    metadata,
    sa.Column("nonce", sa.String(64), primary_key=True),
    sa.Column("operator", sa.String(120), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("used_at", Instant),
)
