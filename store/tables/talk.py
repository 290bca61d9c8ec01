"""What is said, and what is still to be decided or sent."""

from __future__ import annotations

import sqlalchemy as sa

from store.tables.columns import Id, Instant, Serial, Words, metadata, serial

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), nullable=False, index=True),
    sa.Column("contact_id", Id, sa.ForeignKey("contacts.id"), nullable=False, unique=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("owner", sa.String(120)),
    sa.Column("ownership", sa.Integer, nullable=False, server_default="0"),
    sa.Column("return_due", sa.Boolean, nullable=False),
    sa.Column("unread", sa.Integer, nullable=False, server_default="0"),
    sa.Column("last_inbound_at", Instant),
    sa.Column("last_inbound_id", Words(300)),
    sa.Column("status", sa.String(16), nullable=False, server_default="open"),
    sa.Column("team_id", Id),  # whose queue it is in, or was last
    sa.Column("last_owner", sa.String(120)),  # the person who had it last, not counting the one who has it
    sa.Column("last_owned_at", Instant),
    sa.Column("waiting_since", Instant),  # the customer waits for a person since then
    sa.Column("snoozed_until", Instant),
    sa.Column("nobody_answers", sa.Boolean, nullable=False, server_default=sa.false()),  # no assistant, no person yet
    sa.Column("arrival_due", sa.Boolean, nullable=False, server_default=sa.false()),  # the person is still to be named
    sa.Column("language", sa.String(8)),  # the customer's, as far as the assistant could tell
    sa.Column("thread_owner", Words(80)),  # another app that Meta lets write; None: us
    sa.Column("echo_held", sa.Boolean, nullable=False, server_default=sa.false()),  # see `held_echoes`
    sa.Column("created_at", Instant, nullable=False),
)
_OWNED = conversations.c.owner.is_not(None)
sa.Index("conversations_owned", conversations.c.owner, sqlite_where=_OWNED, postgresql_where=_OWNED)
_PENDING = conversations.c.state == "pending"
sa.Index(
    "conversations_pending",
    conversations.c.state,
    conversations.c.waiting_since,
    sqlite_where=_PENDING,
    postgresql_where=_PENDING,
)

mailbox = sa.Table(
    "mailbox",
    metadata,
    serial(),  # order of arrival: rows of one conversation are inserted under its row's lock
    sa.Column("conversation_id", Id, sa.ForeignKey("conversations.id"), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("message_id", Serial, sa.ForeignKey("messages.id")),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("seen_by_person", sa.Boolean, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),  # turns that failed
    sa.Column("begins", sa.Integer, nullable=False, server_default="0"),  # turns begun; the last one alone may commit
    sa.Column("under_way", sa.Boolean, nullable=False, server_default=sa.false()),  # begun, and not ended
    sa.Column("crashes", sa.Integer, nullable=False, server_default="0"),  # begun, and never ended: the process did
    sa.Column("recorded", sa.Boolean, nullable=False, server_default=sa.false()),  # its words are in the tracker
    sa.Column("answered_with", Serial),  # the mail in whose turn it was answered, where several became one
    sa.Column("not_before", Instant),
    sa.Column("error", Words),
    sa.Column("arrived_at", Instant, nullable=False),
    sa.Column("done_at", Instant),
    sqlite_autoincrement=True,
)
sa.Index("mailbox_waiting", mailbox.c.conversation_id, mailbox.c.id,
         sqlite_where=mailbox.c.state == "new", postgresql_where=mailbox.c.state == "new")  # fmt: skip
sa.Index("mailbox_parked", mailbox.c.id,
         sqlite_where=mailbox.c.state == "parked", postgresql_where=mailbox.c.state == "parked")  # fmt: skip
_TOGETHER = mailbox.c.answered_with.is_not(None)
sa.Index("mailbox_together", mailbox.c.message_id, sqlite_where=_TOGETHER, postgresql_where=_TOGETHER)

messages = sa.Table(
    "messages",
    metadata,
    serial(),
    sa.Column("conversation_id", Id, sa.ForeignKey("conversations.id"), nullable=False),
    sa.Column("direction", sa.String(16), nullable=False),
    sa.Column("author", sa.String(16), nullable=False),
    sa.Column("operator", sa.String(120)),
    sa.Column("kind", Words(32), nullable=False),
    sa.Column("text", Words),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("provider_id", Words(300), index=True),
    sa.Column("reply_to", Words(300)),
    sa.Column("intent", Words(200)),
    sa.Column("confidence", sa.Float),
    sa.Column("verdict", sa.String(16)),
    sa.Column("reason", sa.String(64)),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("error", Words),
    sa.Column("at", Instant, nullable=False),
    sa.Column("sent_at", Instant),
    sa.Column("delivered_at", Instant),
    sa.Column("read_at", Instant),
    sa.Column("edited_at", Instant),  # by who wrote it; what it said before is in `content`
    sa.Column("removed_at", Instant),  # taken back by who wrote it: the words are gone, the fact is kept
    sa.Column("pricing", sa.JSON),  # what the platform says it costs: type and category; none for what came in
    sqlite_autoincrement=True,
)
sa.Index("messages_of_conversation", messages.c.conversation_id, messages.c.id)
sa.Index("messages_by_author", messages.c.conversation_id, messages.c.author, messages.c.at)
sa.Index("messages_at", messages.c.at)

#: What was accepted before, by a hash that outlives the message: Meta repeats itself for up to seven days.
dedup_keys = sa.Table(
    "dedup_keys",
    metadata,
    sa.Column("key", sa.LargeBinary(16), primary_key=True),
    sa.Column("at", Instant, nullable=False, index=True),
)

outbox = sa.Table(
    "outbox",
    metadata,
    serial(),
    sa.Column("conversation_id", Id, sa.ForeignKey("conversations.id"), nullable=False),
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("message_id", Serial, sa.ForeignKey("messages.id")),
    sa.Column("lane", sa.String(16), nullable=False),  # message: in order; signal: read receipt, typing, in none
    sa.Column("author", sa.String(16), nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("ownership", sa.Integer, nullable=False),
    sa.Column("agent_id", Id),
    sa.Column("agent_activation", sa.Integer),
    sa.Column("account_activation", sa.Integer),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("not_before", Instant),
    sa.Column("expires_at", Instant),
    sa.Column("claimed_by", sa.String(80)),
    sa.Column("claimed_at", Instant),
    sa.Column("claim_deadline", Instant),
    sa.Column("reported_at", Instant),  # when a status report first named it
    sa.Column("resent", sa.Boolean, nullable=False, server_default=sa.false()),  # once more, as no witness had seen it
    sa.Column("error", Words),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("settled_at", Instant),
    sqlite_autoincrement=True,
)
_OPEN = outbox.c.state.in_(["queued", "claimed", "unknown"])
sa.Index("outbox_open", outbox.c.conversation_id, outbox.c.id, sqlite_where=_OPEN, postgresql_where=_OPEN)
sa.Index("outbox_claimed", outbox.c.agent_id, sqlite_where=outbox.c.state == "claimed",
         postgresql_where=outbox.c.state == "claimed")  # fmt: skip
sa.Index("outbox_witnessed", outbox.c.account_id, outbox.c.reported_at)

#: What a button we sent stands for. Its id is random, so a customer can choose it and nothing else.
buttons = sa.Table(
    "buttons",
    metadata,
    sa.Column("token", Id, primary_key=True),
    sa.Column("conversation_id", Id, sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("number", sa.Integer),  # of a choice that went as a line of text: it is chosen by writing it
    sa.Column("at", Instant, nullable=False),
)

#: Written on our side elsewhere, it seems, while a send of ours was on its way: told apart when that is settled.
held_echoes = sa.Table(
    "held_echoes",
    metadata,
    serial(),
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("conversation_id", Id, sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("echo", sa.JSON, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)
