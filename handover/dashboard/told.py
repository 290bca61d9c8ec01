"""What the dashboard's sockets are told of an event: made once for all of them, by the family of sockets.

WhatsApp's are listened to by the page; those of Instagram, Messenger and the handover exist in its hooks alone, each
with words of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from conversation import cures
from conversation.errors import NotFound
from conversation.message import Message, MessageStatus
from handover.dashboard.media_links import Links
from handover.dashboard.objects import conversation as conversations
from handover.dashboard.objects import instagram, messenger
from handover.dashboard.objects import message as messages
from handover.dashboard.objects.standing import handover_status_of
from handover.schemas import instant
from store import listing, media
from store.listing import Line

Told = Mapping[str, Any]


class Family(str, Enum):
    """Sockets that are told the same."""

    WHATSAPP = "whatsapp"
    INSTAGRAM = "instagram"
    MESSENGER = "messenger"
    HANDOVER = "handover"


@dataclass(frozen=True, kw_only=True)
class News:
    """Of one event: about which conversation of which account, and the frames for each family, as JSON."""

    account: str | None = None
    conversation: str | None = None
    frames: Mapping[Family, tuple[bytes, ...]] = field(default_factory=dict)


NOTHING = News()


def news_of(tx: Connection, row: Mapping[str, Any], about: Message | None, links: Links, language: str) -> News:
    """`row`: the notice; `about`: its message, as it is now."""
    if row["conversation_id"] is None:
        return NOTHING
    try:
        line = listing.one(tx, row["conversation_id"], row["at"])
    except NotFound:  # the contact was erased
        return NOTHING
    event = _Event(tx, row["kind"], row["facts"], about, line, links, language)
    family = Family(line.account.channel.value)
    own = {Family.WHATSAPP: _whatsapp, Family.INSTAGRAM: _instagram, Family.MESSENGER: _messenger}[family](event)
    told = {family: own, Family.HANDOVER: _handover(event)}
    frames = {name: tuple(msgspec.json.encode(each) for each in some) for name, some in told.items()}
    return News(account=line.account.id, conversation=line.conversation.id, frames=frames)


@dataclass(frozen=True)
class _Event:
    tx: Connection
    kind: str
    facts: Mapping[str, Any]
    about: Message | None
    line: Line
    links: Links
    language: str

    @property
    def is_inbound(self) -> bool:
        return bool(self.facts.get("direction") == "inbound")

    @property
    def is_of_the_row(self) -> bool:
        """Something that the row in a list shows."""
        return self.kind in ("contact", "tag", "note", "opening", "edited", "removed", "merged")


def _whatsapp(event: _Event) -> list[Told]:
    line, about = event.line, event.about
    here = {"conversation_id": line.conversation.id}
    if event.kind == "message" and about is not None:
        (shown,) = messages.messages_json(event.tx, [about], event.links, event.language)
        if not event.is_inbound:
            return [{"type": "message_sent", **here, "message": shown}]
        contact = {"wa_id": _address(line), "name": line.contact.name}
        return [{"type": "message_received", **here, "message": shown, "contact": contact}]
    if event.kind in ("status", "failed") and about is not None:
        return list(_became(about, event.language))
    if event.kind == "handover":
        changed = {"type": "handover_mode_changed", **here, **_standing(line)}
        return [changed, _row(conversations.conversation_json(line, event.links))]
    return [_row(conversations.conversation_json(line, event.links))] if event.is_of_the_row else []


def _became(message: Message, language: str) -> Iterable[Told]:
    """The ticks; and why a message was not sent, in words."""
    moment = message.read_at or message.delivered_at or message.sent_at or message.at
    yield {
        "type": "status_updated",
        "message_id": str(message.id),
        "whatsapp_message_id": message.provider_id or str(message.id),  # as the message has it: they are compared
        "conversation_id": message.conversation_id,
        "status": messages.status_of(message.status),
        "timestamp": instant(moment),
    }
    if message.status is MessageStatus.FAILED:
        words = cures.cure(message.status, message.error, language) or message.error or ""
        code = message.error or "failed"
        yield {"type": "error", "error_code": code, "error_message": words, "message_id": str(message.id)}


def _instagram(event: _Event) -> list[Told]:
    line, about = event.line, event.about
    row = instagram.conversation_json(line, event.links)
    if event.kind == "message" and about is not None:
        files = media.of_messages(event.tx, [about.id])
        here = (line.conversation, event.links, event.language)
        (shown,) = instagram.messages_json([about], files, *here, seed=False)
        if not event.is_inbound:
            return [{"type": "message_sent", "message": shown, "conversation_id": line.conversation.id}]
        contact = line.contact
        sender = {"id": _address(line), "username": contact.username, "name": contact.name}
        received = {"type": "message_received", "message": shown, "conversation": row, "sender": sender}
        story = {"story": "story_mention", "story_reply": "story_reply"}.get(about.kind)
        return [received, {**received, "type": story}] if story else [received]
    if event.kind == "status" and about is not None and about.status is MessageStatus.READ:
        seen = {"message_id": str(about.id), "conversation_id": line.conversation.id}
        return [{"type": "message_seen", **seen, "seen_at": instant(about.read_at or event.line.now)}]
    if event.kind == "failed" and about is not None:
        return [{"type": "error", "message": cures.cure(about.status, about.error, event.language) or about.error}]
    return [_row(row)] if event.is_of_the_row or event.kind == "handover" else []


def _messenger(event: _Event) -> list[Told]:
    line, about = event.line, event.about
    told: list[Told] = []
    if event.kind == "message" and about is not None:
        files = media.of_messages(event.tx, [about.id])
        (shown,) = messenger.messages_json([about], files, line, event.links, event.language, seed=False)
        told.append({"type": "message", "conversation_id": line.conversation.id, "message": shown})
    if told or event.is_of_the_row or event.kind == "handover":
        row = messenger.conversation_json(line, event.links, seed=False)
        told.append({"type": "conversation_update", "conversation_id": line.conversation.id, "data": row})
    return told


def _handover(event: _Event) -> list[Told]:
    if event.kind != "handover":
        return []
    here = {"conversation_id": event.line.conversation.id}
    told: list[Told] = [{"type": "handover.updated", **here, **_standing(event.line), "timestamp": _at(event)}]
    if event.facts.get("command") == "request" and event.facts.get("request") is not None:
        wish = {"request_id": str(event.facts["request"]), "requested_by": event.facts["by"]}
        asked = {"reason": event.facts.get("reason"), "priority": event.facts.get("priority")}
        told.append({"type": "handover.requested", **here, **wish, **asked})
    return told


def _standing(line: Line) -> dict[str, Any]:
    owner = line.conversation.owner
    return {"handover_status": handover_status_of(line.conversation), "assigned_to": owner, "assigned_to_name": owner}


def _row(row: Any) -> Told:
    return {"type": "conversation_updated", "conversation": row}


def _at(event: _Event) -> str:
    return instant(event.line.now) or ""


def _address(line: Line) -> str:
    return line.contact.addresses[0].value if line.contact.addresses else line.contact.id
