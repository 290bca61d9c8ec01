"""Every table, by its name. What belongs together is in one file."""

from __future__ import annotations

from store.tables.accounts import account_aliases, accounts, addresses, agents, connect_states, contacts, personas
from store.tables.columns import Instant, Words, metadata
from store.tables.files import media, syncs, uploads
from store.tables.handover import deadlines, handovers, leases, requests, timers
from store.tables.history import tracker_events, tracker_snapshots, trackers
from store.tables.people import (
    canned_replies,
    feed_tickets,
    idempotency_keys,
    notes,
    operator_accounts,
    operator_tokens,
    operators,
    ratings,
    tags,
    team_members,
    teams,
    unknown_sign_ins,
)
from store.tables.platform import former_ids, initiations, paces, templates
from store.tables.rules import audit, audit_salts, settings, spent
from store.tables.talk import buttons, conversations, dedup_keys, held_echoes, mailbox, messages, outbox
from store.tables.thinking import llm_calls, trials
from store.tables.told import alert_rules, alerts, counters, notices, pulses, webhook_events, webhooks

__all__ = [
    "Instant",
    "Words",
    "account_aliases",
    "accounts",
    "addresses",
    "agents",
    "alert_rules",
    "alerts",
    "audit",
    "audit_salts",
    "buttons",
    "canned_replies",
    "connect_states",
    "contacts",
    "conversations",
    "counters",
    "deadlines",
    "dedup_keys",
    "feed_tickets",
    "former_ids",
    "handovers",
    "held_echoes",
    "idempotency_keys",
    "initiations",
    "leases",
    "llm_calls",
    "mailbox",
    "media",
    "messages",
    "metadata",
    "notes",
    "notices",
    "operator_accounts",
    "operator_tokens",
    "operators",
    "outbox",
    "paces",
    "personas",
    "pulses",
    "ratings",
    "requests",
    "settings",
    "spent",
    "syncs",
    "tags",
    "team_members",
    "teams",
    "templates",
    "timers",
    "tracker_events",
    "tracker_snapshots",
    "trackers",
    "trials",
    "unknown_sign_ins",
    "uploads",
    "webhook_events",
    "webhooks",
]
