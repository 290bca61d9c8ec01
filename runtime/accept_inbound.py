"""A message from a contact: the message, its mail and its notice, all three, or none because it was here before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from conversation import bursts
from conversation.account import AccountId, Channel
from conversation.arrivals import BUTTON, COMMENT, REACTION, SIGNALS, TEXT, Inbound
from conversation.choosing import TYPED
from conversation.conversation import ConversationId
from conversation.mail import MailKind
from runtime import accept_changes, accept_repeats, choosing, hearing, merging, opting, threads
from runtime.channel import Channels
from runtime.keys import message_key
from store import buttons, conversations, former_addresses, gathering, mailbox, media, messages, notices
from store.vault import Vault

#: Done without a word: nobody waits for an answer to it.
_WORDLESS = SIGNALS | {REACTION}


def accept(
    tx: Connection,
    channel: Channel,
    account_id: AccountId,
    inbound: Inbound,
    now: datetime,
    channels: Channels,
    vault: Vault | None,
) -> bool:
    """Whether it told us anything new."""
    if not mailbox.first_time(tx, message_key(channel, inbound.account, inbound.provider_id), now):
        return accept_repeats.keep_if_it_says_otherwise(tx, channel, account_id, inbound, now)
    contact_id = merging.contact_of(tx, account_id, inbound.addresses, inbound.name, now)
    content = inbound.content
    if inbound.becomes:
        was, will_be = inbound.addresses, inbound.becomes
        contact_id = merging.becomes(tx, account_id, contact_id, was, will_be, inbound.sent_at, now)
        content = former_addresses.kept_in(content, was)
    conversation_id, usual = conversations.meet(tx, account_id, contact_id, now)
    if inbound.standby:
        threads.heard_in_standby(tx, conversation_id, inbound.sent_at, now)
    elif not usual:
        threads.heard_as_ours(tx, conversation_id, inbound.sent_at, now)
    kind, payload, text = _what_was_chosen(tx, conversation_id, inbound)
    if inbound.text and text != inbound.text:
        content = {**content, TYPED: inbound.text}
    message_id = messages.add_inbound(
        tx,
        conversation_id,
        provider_id=inbound.provider_id,
        kind=kind,
        text=text,
        content=content,
        reply_to=inbound.reply_to,
        at=inbound.sent_at,
    )
    if inbound.attachments and vault is not None:
        media.want(tx, vault, account_id, inbound.attachments, message_id=message_id, now=now)
    _note(tx, conversation_id, kind, inbound)
    if kind not in _WORDLESS and not usual and not inbound.standby:
        hearing.heard(tx, conversation_id, channels, now)
    opting.heard(tx, conversation_id, inbound, kind, channels, now)
    mailbox.append(tx, conversation_id, MailKind.MESSAGE, now=now, message_id=message_id, payload=payload)
    if bursts.ends_at_once(kind, text):
        gathering.end(tx, conversation_id)
    notices.add(tx, "message", conversation_id, {"message": message_id, "direction": "inbound"}, now)
    if accept_changes.was_removed_before(tx, channel, inbound):
        accept_changes.remove(tx, message_id, conversation_id, inbound.provider_id, inbound.sent_at, now)
    return True


def _note(tx: Connection, conversation_id: ConversationId, kind: str, inbound: Inbound) -> None:
    """What is unread, and how long we may write."""
    if kind == COMMENT or (kind not in _WORDLESS and not inbound.opens_window):
        conversations.note_unread(tx, conversation_id)
    elif kind not in _WORDLESS:
        conversations.note_inbound(tx, conversation_id, inbound.provider_id, inbound.sent_at)
    elif inbound.opens_window:
        conversations.note_sign(tx, conversation_id, inbound.sent_at)


def _what_was_chosen(
    tx: Connection, conversation_id: ConversationId, inbound: Inbound
) -> tuple[str, dict[str, Any], str | None]:
    """The kind, the mail's payload, the words.

    A button counts only if we sent it, to this conversation, or if it stands in our own menus, which only the shop
    writes; or if it was the newest list of ours and they wrote its number. Any other choice is just its words.
    """
    if inbound.standby:
        return TEXT if inbound.kind == BUTTON else inbound.kind, {"standby": True}, inbound.text
    if inbound.kind == TEXT and (numbered := choosing.by_words(tx, conversation_id, inbound.text)) is not None:
        return BUTTON, {"payload": numbered.payload}, numbered.title
    if inbound.kind != BUTTON:
        return inbound.kind, {}, inbound.text
    button = buttons.find(tx, conversation_id, inbound.choice) if inbound.choice else None
    if button is not None:
        return BUTTON, {"payload": button.payload}, inbound.text or button.title
    if inbound.ours and inbound.choice and inbound.choice.startswith("/"):
        return BUTTON, {"payload": inbound.choice}, inbound.text
    return TEXT, {}, inbound.text
