"""Files, and what is fetched from a channel's own memory."""

from __future__ import annotations

import sqlalchemy as sa

from store.tables.columns import Id, Instant, Serial, Words, metadata, serial

#: Files: what contacts sent, their pictures, what operators uploaded. The bytes are in the media folder, by `sha256`.
media = sa.Table(
    "media",
    metadata,
    serial(),
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("message_id", Serial, sa.ForeignKey("messages.id")),
    sa.Column("contact_id", Id, sa.ForeignKey("contacts.id")),  # whose picture it is
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
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("key", sa.String(80), primary_key=True),  # kind and sha256 of the content, or of the address it came from
    sa.Column("attachment_id", Words(200), nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
)

#: What is fetched from a channel's own memory: all of the past, or the gap that an outage left.
syncs = sa.Table(
    "syncs",
    metadata,
    serial(),
    sa.Column("account_id", Id, sa.ForeignKey("accounts.id"), nullable=False),
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
