"""What comes again under an id that is known. Meta repeats itself word for word; what says something else under a known
id is no repetition, and is kept for people to see. Nobody answers it."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from sqlalchemy.engine import Connection

from conversation.account import AccountId, Channel
from conversation.arrivals import Echo, Inbound, Unfamiliar
from runtime.accept_reports import keep_unfamiliar
from store import message_changes
from store.message_changes import Found


def keep_if_it_says_otherwise(
    tx: Connection, channel: Channel, account_id: AccountId, again: Inbound | Echo, now: datetime
) -> None:
    found = message_changes.find(tx, account_id, again.provider_id)
    if found is None or found.removed or again.recovered or _is_the_same(found, again):
        return
    body = {
        "provider_id": again.provider_id,
        "kind": again.kind,
        "text": again.text,
        "reply_to": again.reply_to,
        "content": again.content,
    }
    key = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    event = Unfamiliar(account=again.account, kind="other_words_under_a_known_id", body=body, key=key)
    keep_unfamiliar(tx, channel, event, now)


def _is_the_same(found: Found, again: Inbound | Echo) -> bool:
    """As it was first written: what was edited since is compared as it was before."""
    edits = found.content.get("edits", [])
    text = edits[0]["text"] if edits else found.text
    content = {key: value for key, value in found.content.items() if key not in ("edit", "edits")}
    return (again.text or text, again.reply_to, again.content) == (text, found.reply_to, content)
