"""Echoes that may be of a request which is under way just now. They wait for it, and nothing else leaves meanwhile."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy.engine import Connection

from conversation.arrivals import Echo
from conversation.conversation import ConversationId
from conversation.learnt import reader
from runtime import echoes
from runtime.channel import Channels
from store import accounts, conversations, held_echoes
from store.vault import Vault

log = structlog.get_logger()

_read = reader(Echo)


def settle(
    tx: Connection, conversation_id: ConversationId, now: datetime, channels: Channels, vault: Vault | None
) -> bool:
    """Tells them apart, once no request is under way: ours by the id that the answer brought, else somebody's.

    Account and agent first, then the conversation: who wrote it may mean to give it back.
    """
    held = held_echoes.of(tx, conversation_id)
    if not held:
        return False
    account = accounts.get(tx, held[0].account_id)
    read = [_read(each.echo) for each in held]
    echoes.lock_what_comes_first(tx, account.channel, read)
    if conversations.lock(tx, conversation_id).id != conversation_id:
        return False  # it has just become another one, where they are held now
    if held_echoes.request_is_under_way(tx, conversation_id):
        return False
    conversations.change(tx, conversation_id, echo_held=False)
    for each, echo in zip(held, read, strict=True):
        if not held_echoes.remove(tx, each.id):
            continue  # somebody else has just done it
        if echoes.settles_ours(tx, account.id, echo, now):
            continue
        if not echoes.witnesses_unknown(tx, conversation_id, account.id, echo, now):
            echoes.keep(tx, account, conversation_id, echo, now, channels, vault)
    log.info("echoes_settled", conversation=conversation_id, echoes=len(held))
    return True
