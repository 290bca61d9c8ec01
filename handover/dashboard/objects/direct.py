"""What the objects of Instagram and of Messenger have in common: a customer, a message, its words and its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conversation import cures
from conversation.arrivals import BUTTON
from conversation.contact import AddressKind, Contact
from conversation.conversation import Conversation, Status
from conversation.message import Direction, Message, MessageStatus
from conversation.said import in_language, say
from handover.dashboard.media_links import Links
from handover.dashboard.objects import content
from handover.dashboard.objects.conversation import last_moment, preview
from handover.dashboard.objects.message import status_of
from handover.schemas import instant
from store.listing import Line
from store.media import File, FileState

_FIRST_OF_ALL = (AddressKind.IGSID, AddressKind.PSID, AddressKind.USER_REF)
_ENDED = frozenset({Status.RESOLVED, Status.CLOSED})
_TYPES = {"document": "file", "interactive": "text", "system": "text", "unknown": "text", "reaction": "text"}
#: What a page shows as a picture; it would show a broken one of any other file.
_PICTURES = frozenset({"image", "sticker"})
_THERE = frozenset({FileState.STORED, FileState.WANTED})


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A message as both networks' pages read it. `picture`: the address of the one that is shown; of other files the
    addresses stand among the words. `type`: in small letters."""

    type: str
    words: str
    picture: str | None
    files: Sequence[dict[str, Any]]
    status: str
    is_read: bool
    error: str | None


def shown(message: Message, files: Sequence[File], talk: Conversation, links: Links, language: str) -> Shown:
    known = [] if message.removed_at is not None else [each for each in files if each.state in _THERE]
    type_ = content.type_of(message, files)
    listed: list[dict[str, Any]] = [{"type": each.kind, "url": links.of(each.id), "name": each.name} for each in known]
    picture = listed[0]["url"] if listed and type_ in _PICTURES else None
    return Shown(
        type="quick_reply" if message.kind == BUTTON else _TYPES.get(type_, type_),
        words=_words(message, [each["url"] for each in listed[0 if picture is None else 1 :]], picture, language),
        picture=picture,
        files=listed,
        status=status_of(message.status),
        is_read=_is_read(message, talk),
        error=" ".join(part for part in (message.error, cures.cure(message.status, message.error, language)) if part)
        or None,
    )


def _words(message: Message, addresses: Sequence[str], picture: str | None, language: str) -> str:
    """Never nothing, where nothing else is shown: of what has no words, its kind."""
    if message.removed_at is not None:
        return in_language(say("This message was taken back."), language)
    found = "\n".join([*([message.text] if message.text else []), *addresses])
    return found if found or picture is not None else f"[{message.kind}]"


def _is_read(message: Message, talk: Conversation) -> bool:
    """Ours: by the customer. Theirs: by whoever of us marks the conversation as read."""
    if message.direction is Direction.OUTBOUND:
        return message.status is MessageStatus.READ
    return talk.unread == 0


def address_of(contact: Contact) -> str:
    """By which the channel knows them."""
    known = {address.kind: address.value for address in contact.addresses}
    first = next((known[kind] for kind in _FIRST_OF_ALL if kind in known), None)
    return first or next(iter(known.values()), "")


def is_active(talk: Conversation) -> bool:
    return talk.status not in _ENDED


def picture_of(contact: Contact, links: Links) -> str | None:
    return None if contact.picture_id is None else links.of(contact.picture_id)


def last_json(line: Line, *, upper: bool) -> dict[str, Any] | None:
    """The last message as an object. `upper`: how this page spells types."""
    last = line.last_message
    if last is None:
        return None
    type_ = content.type_of(last, ())
    type_ = _TYPES.get(type_, type_)
    return {
        "type": type_.upper() if upper else type_,
        "content": preview(last) or "",
        "created_at": instant(last.at),
    }


def moments_json(line: Line) -> dict[str, Any]:
    conversation = line.conversation
    return {
        "last_message_at": instant(last_moment(line)),
        "created_at": instant(conversation.created_at),
        "updated_at": instant(max(last_moment(line), conversation.last_owned_at or conversation.created_at)),
    }
