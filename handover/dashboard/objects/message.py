"""A message in the dashboard's words, with all that is shown beside it read for all of them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from conversation import cures
from conversation.account import Account, AccountId
from conversation.contact import AddressKind, Contact, ContactId
from conversation.conversation import ConversationId
from conversation.gate import Answer
from conversation.message import Author, Direction, Message, MessageStatus
from conversation.said import in_language, say
from conversation.words import DEFAULT_LANGUAGE
from handover.dashboard.media_links import Links
from handover.dashboard.objects import content
from handover.schemas import instant
from store import accounts, contacts, conversations, media
from store.media import File, FileState

_STATUSES = {
    MessageStatus.QUEUED: "pending",
    MessageStatus.SENDING: "pending",
    MessageStatus.UNKNOWN: "pending",
    MessageStatus.ACCEPTED: "sent",
    MessageStatus.WITHDRAWN: "failed",
    MessageStatus.EXPIRED: "failed",
}
_SHOWN = (FileState.WANTED, FileState.STORED)
_NUMBERS = (AddressKind.PHONE, AddressKind.BSUID, AddressKind.USER)


@dataclass(frozen=True, kw_only=True)
class Sides:
    """Between whom a conversation's messages go: our account with its number, and the customer's."""

    account_id: str
    account_name: str
    ours: str
    theirs: str


def status_of(status: MessageStatus) -> str:
    return _STATUSES.get(status, status.value)


def number_of(contact: Contact) -> str:
    """What a customer is written to under: the phone number, else the channel's own id of them."""
    known = {address.kind: address.value for address in contact.addresses}
    first = next((known[kind] for kind in _NUMBERS if kind in known), None)
    return first or next(iter(known.values()), "")


def messages_json(
    tx: Connection, found: Sequence[Message], links: Links, language: str = DEFAULT_LANGUAGE
) -> list[dict[str, Any]]:
    """In the order given; they may be of several conversations."""
    if not found:
        return []
    files = media.of_messages(tx, [each.id for each in found])
    sides = _sides(tx, {each.conversation_id for each in found})
    return [_message_json(each, files.get(each.id, ()), sides[each.conversation_id], links, language) for each in found]


def _message_json(message: Message, files: Sequence[File], sides: Sides, links: Links, language: str) -> dict[str, Any]:
    inbound = message.direction is Direction.INBOUND
    text = _text(message, language)
    return {
        "id": str(message.id),
        # Until the channel has told its own, ours: a page takes two without any for one and the same.
        "whatsapp_message_id": message.provider_id or str(message.id),
        "conversation_id": message.conversation_id,
        "conversation": message.conversation_id,
        "account": sides.account_id,
        "account_name": sides.account_name,
        "direction": message.direction.value,
        "message_type": content.type_of(message, files),
        "status": status_of(message.status),
        "from_number": sides.theirs if inbound else sides.ours,
        "to_number": sides.ours if inbound else sides.theirs,
        "text_body": text,
        "content": content.content_of(message),
        **_file_json(files, text, links),
        "created_at": instant(message.at),
        "timestamp": instant(message.at),
        "sent_at": instant(message.sent_at),
        "delivered_at": instant(message.delivered_at),
        "read_at": instant(message.read_at),
        "updated_at": instant(_latest(message)),
        "error_message": _error(message, language),
        "processed_by_agent": message.verdict == Answer.ANSWER.value if inbound else message.author is Author.BOT,
        "context_message_id": message.reply_to,
        "metadata": {"author": message.author.value, "operator": message.operator},
    }


def _text(message: Message, language: str) -> str | None:
    if message.removed_at is not None:
        return in_language(say("This message was taken back."), language)
    return content.words_of(message)


def _error(message: Message, language: str) -> str | None:
    """What is wrong, and what helps against it."""
    cure = cures.cure(message.status, message.error, language)
    return " ".join(part for part in (message.error, cure) if part) or None


def _file_json(files: Sequence[File], text: str | None, links: Links) -> dict[str, Any]:
    """The first file; a page shows one a message. One that is still fetched has its address already."""
    if not files:
        return {"media_url": None, "media_mime_type": None, "media_filename": None, "media_caption": None}
    file = files[0]
    return {
        "media_url": links.of(file.id) if file.state in _SHOWN else None,
        "media_mime_type": file.type,
        "media_filename": file.name,
        "media_caption": text,
    }


def _latest(message: Message) -> datetime:
    known = (message.sent_at, message.delivered_at, message.read_at, message.edited_at, message.removed_at)
    return max([message.at, *(moment for moment in known if moment is not None)])


def _number(account: Account) -> str:
    return account.channel_settings.phone_number or account.provider_id


def _sides(tx: Connection, ids: set[ConversationId]) -> Mapping[ConversationId, Sides]:
    talks = conversations.several(tx, ids)
    contact_of = contacts.several(tx, [ContactId(each.contact_id) for each in talks])
    account_of = {each: accounts.get(tx, each) for each in {AccountId(talk.account_id) for talk in talks}}
    return {
        talk.id: Sides(
            account_id=talk.account_id,
            account_name=account_of[talk.account_id].name,
            ours=_number(account_of[talk.account_id]),
            theirs=number_of(contact_of[talk.contact_id]),
        )
        for talk in talks
    }
