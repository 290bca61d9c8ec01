"""What becomes of a message after it was written: it is written anew, or taken back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.engine import Connection

from conversation.account import AccountId, Channel
from conversation.arrivals import Edited, Inbound, Removed, Unfamiliar
from conversation.conversation import ConversationId
from runtime.accept_reports import keep_unfamiliar
from runtime.keys import removal_key
from store import engines, gathering, mailbox, media, message_changes, notices, redaction


def edited(tx: Connection, channel: Channel, account_id: AccountId, edit: Edited, now: datetime) -> bool:
    """The new words stand in the message, the old ones beside it. What was answered is not answered anew; what still
    waits is answered as it reads now. Whether it was new to us."""
    is_new = _keep_its_id(tx, channel, edit, "edit", now)
    found = message_changes.find(tx, account_id, edit.provider_id)
    if found is None:
        body = {"provider_id": edit.provider_id, "text": edit.text, "number": edit.number}
        key = f"{edit.provider_id} {edit.number}"
        event = Unfamiliar(account=edit.account, kind="edit_of_unknown_message", body=body, key=key)
        return keep_unfamiliar(tx, channel, event, now) or is_new
    if not message_changes.edit(tx, found, edit.text, edit.number, edit.at):
        return is_new
    notices.add(tx, "edited", found.conversation_id, {"message": found.id}, now)
    return True


def removed(tx: Connection, channel: Channel, account_id: AccountId, removal: Removed, now: datetime) -> bool:
    """Also where the message itself has not come yet: Meta keeps no order. Whether it was new to us."""
    is_new = _keep_its_id(tx, channel, removal, "removal", now)
    found = message_changes.find(tx, account_id, removal.provider_id)
    mailbox.first_time(tx, removal_key(channel, removal.account, removal.provider_id), now)
    if found is None:
        body = {"provider_id": removal.provider_id}
        event = Unfamiliar(
            account=removal.account, kind="removal_of_unknown_message", body=body, key=removal.provider_id
        )
        return keep_unfamiliar(tx, channel, event, now) or is_new
    if found.removed:
        return is_new
    remove(tx, found.id, found.conversation_id, removal.provider_id, removal.at, now)
    return True


def _keep_its_id(tx: Connection, channel: Channel, change: Edited | Removed, kind: str, now: datetime) -> bool:
    """A change's own id has no place in the message that it is of. Whether it was kept now."""
    if change.own_id is None:
        return False
    body = {"id": change.own_id, "of": change.provider_id}
    event = Unfamiliar(account=change.account, kind=kind, body=body, key=change.own_id)
    return keep_unfamiliar(tx, channel, event, now)


def was_removed_before(tx: Connection, channel: Channel, inbound: Inbound) -> bool:
    return mailbox.seen(tx, removal_key(channel, inbound.account, inbound.provider_id))


def remove(
    tx: Connection,
    message_id: int,
    conversation_id: ConversationId,
    provider_id: str,
    at: datetime,
    now: datetime,
) -> None:
    """The words go, here, in the history the assistant reads and from the files; that there was a message stays."""
    with engines.overwriting(tx):
        message_changes.remove(tx, message_id, at)
        media.remove_of_message(tx, message_id, now)
        redaction.forget_words(tx, conversation_id, provider_id)
        if stands := gathering.answered_as(tx, message_id):  # with the words around it: they are one event
            redaction.forget_words(tx, *stands)
    notices.add(tx, "removed", conversation_id, {"message": message_id}, now)
