"""Rasa's trackers: the one history."""

from __future__ import annotations

import sqlalchemy as sa

from store.tables.columns import metadata

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
