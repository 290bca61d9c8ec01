"""What comes again under an id that is known. Meta repeats itself word for word; what says something else under a known
id is no repetition, and is kept for people to see. Nobody answers it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from conversation.account import AccountId, Channel
from conversation.arrivals import Echo, Inbound, Unfamiliar
from conversation.choosing import TYPED
from runtime.accept_reports import keep_unfamiliar
from store import held_echoes, message_changes
from store.former_addresses import WAS
from store.message_changes import Found

#: What stands in a message's content by our own hand.
_OURS = frozenset({"edit", "edits", TYPED, WAS})


def keep_if_it_says_otherwise(
    tx: Connection, channel: Channel, account_id: AccountId, again: Inbound | Echo, now: datetime
) -> bool:
    """Whether it did, and was not kept before."""
    found = message_changes.find(tx, account_id, again.provider_id)
    if again.recovered or (found is not None and _is_the_same(found, again)):
        return False
    if found is None and held_echoes.is_held(tx, account_id, again.provider_id):
        return False
    body: dict[str, Any] = {"provider_id": again.provider_id, "kind": again.kind, "reply_to": again.reply_to}
    if found is not None and not found.removed:  # words that were taken out do not come in again by this door
        body.update(text=again.text, content=again.content)
    event = Unfamiliar(account=again.account, kind="other_words_under_a_known_id", body=body, key=again.provider_id)
    return keep_unfamiliar(tx, channel, event, now)


def _is_the_same(found: Found, again: Inbound | Echo) -> bool:
    """As it was first written: what was edited since is compared as it was before."""
    if found.removed:
        return again.reply_to == found.reply_to
    edits = found.content.get("edits", [])
    text = found.content.get(TYPED) or (edits[0]["text"] if edits else found.text)
    content = {key: value for key, value in found.content.items() if key not in _OURS}
    told = {key: value for key, value in again.content.items() if key not in _OURS}
    return (again.text or text, again.reply_to, told) == (text, found.reply_to, content)
