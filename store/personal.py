"""What each table holds of contacts: how their rows are found, or why there is nothing of theirs in it.

Whatever exports, erases or looks for what is known of somebody goes by this. A table that stands nowhere here fails
`tests/store/test_personal.py`.
"""

from __future__ import annotations

from typing import Any

from store.tables import (
    alerts,
    buttons,
    deadlines,
    handovers,
    held_echoes,
    idempotency_keys,
    initiations,
    leases,
    llm_calls,
    mailbox,
    messages,
    notes,
    notices,
    outbox,
    paces,
    ratings,
    requests,
    tags,
    timers,
    tracker_events,
    tracker_snapshots,
    trackers,
)

#: Rows of one conversation, by the column that says of which. In this order nothing is left that names what is gone.
OF_CONVERSATION: dict[str, Any] = {
    column.table.name: column
    for column in (
        mailbox.c.conversation_id,
        outbox.c.conversation_id,
        held_echoes.c.conversation_id,
        messages.c.conversation_id,
        tracker_snapshots.c.sender_id,
        tracker_events.c.sender_id,
        trackers.c.sender_id,
        buttons.c.conversation_id,
        timers.c.conversation_id,
        deadlines.c.conversation_id,
        requests.c.conversation_id,
        handovers.c.conversation_id,
        ratings.c.conversation_id,
        notes.c.conversation_id,
        tags.c.conversation_id,
        alerts.c.conversation_id,
        notices.c.conversation_id,
        idempotency_keys.c.conversation_id,
        llm_calls.c.conversation_id,
        paces.c.conversation_id,
        initiations.c.conversation_id,
        leases.c.name,
    )
}

#: Found in a way of their own, see `erasing.py`.
IN_THEIR_OWN_WAY: dict[str, str] = {
    "contacts": "the contact",
    "addresses": "what a channel knows them by",
    "conversations": "the one that they have",
    "media": "files of their messages, and their picture; the bytes too, where nobody else's file has the same",
    "former_ids": "other ids of theirs and of their conversation, which led to these",
    "uploads": "what a channel has of a file that was theirs alone",
    "webhooks": "the smallest items of each body that name them, or a message of theirs",
    "webhook_events": "the same; where nothing else is left, the row",
    "audit_salts": "destroyed: nobody can tell any more what was written to them or about them",
    "settings": "while they are being erased, what is still needed for it",
}

NOTHING_OF_THEIRS: dict[str, str] = {
    "agents": "our assistants",
    "templates": "written for everybody, and approved by Meta",
    "trials": "what our operators try out on an assistant; gone within the hour",
    "accounts": "our numbers and Pages",
    "account_aliases": "other ids of ours",
    "personas": "as whom our operators are shown",
    "connect_states": "sign-ins of our admins with Instagram",
    "operators": "our people",
    "operator_tokens": "our people's",
    "operator_accounts": "our people's",
    "unknown_sign_ins": "hashes of names that none of our people has",
    "feed_tickets": "our people's",
    "teams": "our people's",
    "team_members": "our people's",
    "canned_replies": "written for everybody",
    "alert_rules": "which of our people are told of what",
    "counters": "numbers",
    "pulses": "times",
    "spent": "how much was sent on a day, to nobody in particular",
    "syncs": "how far the reading of a channel's memory has come: its cursor names no person",
    "dedup_keys": "hashes of what was accepted: kept, so that what a channel repeats does not come in again",
    "audit": "ids and codes: kept, so that it can be told who did what; ids lead to nobody once these are gone",
}
