"""Every table. Instants are aware datetimes in Python and microseconds since 1970 in the database."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

metadata = sa.MetaData()
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_MICROSECOND = dt.timedelta(microseconds=1)


class Instant(TypeDecorator):  # type: ignore[type-arg]
    """An aware datetime, kept as an integer that sorts, the same on every database."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Any) -> int | None:
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Any) -> dt.datetime | None:
        return None if value is None else _EPOCH + dt.timedelta(microseconds=value)


class Words(TypeDecorator):  # type: ignore[type-arg]
    """What others wrote. SQLite keeps all of it; PostgreSQL would refuse what has no room, and one sign."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, length: int | None = None) -> None:
        super().__init__()
        self.length = length

    def load_dialect_impl(self, dialect: Any) -> Any:
        return dialect.type_descriptor(sa.String(self.length) if self.length else sa.Text())

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else value[: self.length].replace("\x00", "\ufffd")


_Id = sa.String(40)
# SQLite numbers rows by itself only for INTEGER; AUTOINCREMENT, so that a number is never given twice.
_Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _serial(name: str = "id") -> sa.Column[Any]:
    return sa.Column(name, _Serial, primary_key=True, autoincrement=True)


agents = sa.Table(
    "agents",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("name", sa.String(120), nullable=False, unique=True),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("activation", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created_at", Instant, nullable=False),
)

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("provider_id", Words(64), nullable=False),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("agent_id", _Id, sa.ForeignKey("agents.id"), nullable=False),
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
    sa.Column("created_at", Instant, nullable=False),
    sa.UniqueConstraint("channel", "provider_id"),
)

#: Other ids under which webhooks speak of an account.
account_aliases = sa.Table(
    "account_aliases",
    metadata,
    sa.Column("channel", sa.String(16), primary_key=True),
    sa.Column("provider_id", Words(64), primary_key=True),
    sa.Column("account_id", _Id, sa.ForeignKey("accounts.id"), nullable=False),
)

contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("account_id", _Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("name", Words(200)),
    sa.Column("username", Words(120)),
    sa.Column("profile", sa.JSON, nullable=False, server_default="{}"),  # what else the channel tells of them
    sa.Column("picture_id", sa.BigInteger),  # of `media`
    sa.Column("profile_due_at", Instant),  # when to ask the channel about them; None: never
    sa.Column("created_at", Instant, nullable=False),
)
_ASK_ABOUT = contacts.c.profile_due_at.is_not(None)
sa.Index("contacts_profile_due", contacts.c.profile_due_at, sqlite_where=_ASK_ABOUT, postgresql_where=_ASK_ABOUT)

addresses = sa.Table(
    "addresses",
    metadata,
    sa.Column("account_id", _Id, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("value", Words(200), primary_key=True),
    sa.Column("contact_id", _Id, sa.ForeignKey("contacts.id"), nullable=False, index=True),
)

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("account_id", _Id, sa.ForeignKey("accounts.id"), nullable=False, index=True),
    sa.Column("contact_id", _Id, sa.ForeignKey("contacts.id"), nullable=False, unique=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("owner", sa.String(120)),
    sa.Column("ownership", sa.Integer, nullable=False, server_default="0"),
    sa.Column("return_due", sa.Boolean, nullable=False),
    sa.Column("unread", sa.Integer, nullable=False, server_default="0"),
    sa.Column("last_inbound_at", Instant),
    sa.Column("last_inbound_id", Words(300)),
    sa.Column("status", sa.String(16), nullable=False, server_default="open"),
    sa.Column("team_id", _Id),  # whose queue it is in, or was last
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
    _serial(),  # order of arrival: rows of one conversation are inserted under its row's lock
    sa.Column("conversation_id", _Id, sa.ForeignKey("conversations.id"), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("message_id", _Serial, sa.ForeignKey("messages.id")),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("seen_by_person", sa.Boolean, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),  # turns that failed
    sa.Column("begins", sa.Integer, nullable=False, server_default="0"),  # turns begun; the last one alone may commit
    sa.Column("under_way", sa.Boolean, nullable=False, server_default=sa.false()),  # begun, and not ended
    sa.Column("crashes", sa.Integer, nullable=False, server_default="0"),  # begun, and never ended: the process did
    sa.Column("recorded", sa.Boolean, nullable=False, server_default=sa.false()),  # its words are in the tracker
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

messages = sa.Table(
    "messages",
    metadata,
    _serial(),
    sa.Column("conversation_id", _Id, sa.ForeignKey("conversations.id"), nullable=False),
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
    sqlite_autoincrement=True,
)
sa.Index("messages_of_conversation", messages.c.conversation_id, messages.c.id)
sa.Index("messages_by_author", messages.c.conversation_id, messages.c.author, messages.c.at)

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
    _serial(),
    sa.Column("conversation_id", _Id, sa.ForeignKey("conversations.id"), nullable=False),
    sa.Column("account_id", _Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("message_id", _Serial, sa.ForeignKey("messages.id")),
    sa.Column("lane", sa.String(16), nullable=False),  # message: in order; signal: read receipt, typing, in none
    sa.Column("author", sa.String(16), nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("ownership", sa.Integer, nullable=False),
    sa.Column("agent_id", _Id),
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
    sa.Column("token", _Id, primary_key=True),
    sa.Column("conversation_id", _Id, sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

trackers = sa.Table(
    "trackers",
    metadata,
    sa.Column("sender_id", sa.String(255), primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("session_seq", sa.Integer, nullable=False),  # where the latest session starts
)

tracker_events = sa.Table(
    "tracker_events",
    metadata,
    sa.Column("sender_id", sa.String(255), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("type", sa.String(40), nullable=False),
    sa.Column("timestamp", sa.Float, nullable=False),
    sa.Column("event", sa.Text, nullable=False),  # Rasa's own JSON of it
)

#: What a tracker came to at `seq`, for the model that was loaded then. May be lost: the events are all there is.
tracker_snapshots = sa.Table(
    "tracker_snapshots",
    metadata,
    sa.Column("sender_id", sa.String(255), primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("model", sa.String(80), nullable=False),
    sa.Column("domain", sa.String(80), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

requests = sa.Table(
    "requests",
    metadata,
    _serial(),
    sa.Column("conversation_id", _Id, sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("priority", sa.String(16), nullable=False, server_default="medium"),
    sa.Column("reason", sa.String(120), nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
    sa.Column("asked_by", sa.String(120), nullable=False, server_default="assistant"),
    sa.Column("team_id", _Id),
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
    _serial(),
    sa.Column("conversation_id", _Id, sa.ForeignKey("conversations.id"), nullable=False, index=True),
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

operators = sa.Table(
    "operators",
    metadata,
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("all_accounts", sa.Boolean, nullable=False, server_default=sa.true()),  # else those of operator_accounts
    sa.Column("presence", sa.String(16), nullable=False, server_default="offline"),
    sa.Column("seen_at", Instant),  # when they last asked for anything
    sa.Column("capacity", sa.Integer, nullable=False, server_default="5"),  # conversations they are given at most
    sa.Column("given_at", Instant),  # when they were last given one
    sa.Column("created_at", Instant, nullable=False),
)

operator_accounts = sa.Table(
    "operator_accounts",
    metadata,
    sa.Column("operator", sa.String(120), sa.ForeignKey("operators.name", ondelete="CASCADE"), primary_key=True),
    sa.Column("account_id", _Id, sa.ForeignKey("accounts.id"), primary_key=True),
)

teams = sa.Table(
    "teams",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("name", sa.String(120), nullable=False, unique=True),
    sa.Column("assignment", sa.String(16), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
)

team_members = sa.Table(
    "team_members",
    metadata,
    sa.Column("team_id", _Id, sa.ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("operator", sa.String(120), sa.ForeignKey("operators.name", ondelete="CASCADE"), primary_key=True),
)

notes = sa.Table(
    "notes",
    metadata,
    _serial(),
    sa.Column("conversation_id", _Id, sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("text", Words, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

tags = sa.Table(
    "tags",
    metadata,
    sa.Column("conversation_id", _Id, sa.ForeignKey("conversations.id"), primary_key=True),
    sa.Column("tag", sa.String(60), primary_key=True),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("at", Instant, nullable=False),
)

canned_replies = sa.Table(
    "canned_replies",
    metadata,
    _serial(),
    sa.Column("shortcut", sa.String(60), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("account_id", _Id, sa.ForeignKey("accounts.id")),  # None: for all
    sa.Column("text", Words, nullable=False),
    sa.Column("by", sa.String(120), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

ratings = sa.Table(
    "ratings",
    metadata,
    _serial(),
    sa.Column("conversation_id", _Id, sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("operator", sa.String(120)),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("score", sa.Integer),  # 1 to 5; None until it is given
    sa.Column("at", Instant),
    sqlite_autoincrement=True,
)

#: Who is to be told of what, and how: for an operator or for a team.
alert_rules = sa.Table(
    "alert_rules",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("operator", sa.String(120), sa.ForeignKey("operators.name", ondelete="CASCADE")),
    sa.Column("team_id", _Id, sa.ForeignKey("teams.id", ondelete="CASCADE")),
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
    _serial(),
    sa.Column("rule_id", _Id, sa.ForeignKey("alert_rules.id", ondelete="CASCADE"), nullable=False),
    sa.Column("conversation_id", _Id, sa.ForeignKey("conversations.id")),
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

notices = sa.Table(
    "notices",
    metadata,
    _serial(),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("conversation_id", _Id, index=True),
    sa.Column("facts", sa.JSON, nullable=False),
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
    _serial(),
    sa.Column("conversation_id", _Id, sa.ForeignKey("conversations.id"), nullable=False),
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
    sa.Column("conversation_id", _Id, sa.ForeignKey("conversations.id"), primary_key=True),
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("due_at", Instant, nullable=False, index=True),
)

webhook_events = sa.Table(
    "webhook_events",
    metadata,
    _serial(),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("account", Words(64)),
    sa.Column("kind", Words(80), nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

#: Files: what contacts sent, their pictures, what operators uploaded. The bytes are in the media folder, by `sha256`.
media = sa.Table(
    "media",
    metadata,
    _serial(),
    sa.Column("account_id", _Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("message_id", _Serial, sa.ForeignKey("messages.id")),
    sa.Column("contact_id", _Id, sa.ForeignKey("contacts.id")),  # whose picture it is
    sa.Column("position", sa.Integer, nullable=False, server_default="0"),  # among the files of one message
    sa.Column("kind", sa.String(16), nullable=False),  # image, video, audio, document, sticker, picture
    sa.Column("source", sa.LargeBinary),  # encrypted: where it is to be had; None once it was stored, or is gone
    sa.Column("state", sa.String(16), nullable=False),  # wanted, stored, failed (for good), removed
    sa.Column("declared_type", Words(120)),  # what the channel said it is
    sa.Column("type", sa.String(120)),  # what it is, by its content
    sa.Column("name", Words(200)),
    sa.Column("size", sa.BigInteger),
    sa.Column("sha256", sa.String(64)),
    sa.Column("uploaded_by", sa.String(120)),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("stored_at", Instant),
    sqlite_autoincrement=True,
)
_WANTED = media.c.state == "wanted"
sa.Index("media_due", media.c.due_at, sqlite_where=_WANTED, postgresql_where=_WANTED)
sa.Index("media_of_message", media.c.message_id)
sa.Index("media_of_contact", media.c.contact_id)
sa.Index("media_by_content", media.c.sha256)

#: Files that a channel has taken from us for good, by what they are: sent again by its id.
uploads = sa.Table(
    "uploads",
    metadata,
    sa.Column("account_id", _Id, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("key", sa.String(80), primary_key=True),  # kind and sha256 of the content, or of the address it came from
    sa.Column("attachment_id", Words(200), nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
)

#: As whom an operator is shown to customers, where a channel can do that.
personas = sa.Table(
    "personas",
    metadata,
    sa.Column("account_id", _Id, sa.ForeignKey("accounts.id"), primary_key=True),
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

#: Written on our side elsewhere, it seems, while a send of ours was on its way: told apart when that is settled.
held_echoes = sa.Table(
    "held_echoes",
    metadata,
    _serial(),
    sa.Column("account_id", _Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("conversation_id", _Id, sa.ForeignKey("conversations.id"), nullable=False, index=True),
    sa.Column("echo", sa.JSON, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sqlite_autoincrement=True,
)

#: What is fetched from a channel's own memory: all of the past, or the gap that an outage left.
syncs = sa.Table(
    "syncs",
    metadata,
    _serial(),
    sa.Column("account_id", _Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),  # past, gap
    sa.Column("state", sa.String(16), nullable=False),  # waiting, running, done, failed, stopped
    sa.Column("since", Instant),  # of a gap: nothing older is asked for
    sa.Column("cursor", sa.JSON, nullable=False),  # how far it has come; it goes on from here
    sa.Column("conversations_seen", sa.Integer, nullable=False, server_default="0"),
    sa.Column("messages_added", sa.Integer, nullable=False, server_default="0"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("asked_by", sa.String(120), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sqlite_autoincrement=True,
)
_GOES_ON = syncs.c.state.in_(["waiting", "running"])
sa.Index("syncs_due", syncs.c.due_at, sqlite_where=_GOES_ON, postgresql_where=_GOES_ON)

#: When something was last known to be well, by name.
pulses = sa.Table(
    "pulses",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("at", Instant, nullable=False),
)
