"""A conversation in the dashboard's words, whatever its channel."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from conversation.agent import NOBODY
from conversation.contact import Contact
from conversation.message import Message
from handover.dashboard.media_links import Links
from handover.dashboard.objects import content, standing
from handover.dashboard.objects.message import number_of
from handover.schemas import instant
from store.listing import Line

_LONGEST_PREVIEW = 160


def conversation_json(line: Line, links: Links) -> dict[str, Any]:
    """Nothing of it is in a store: a row of another store than the open one would be left out of the page."""
    conversation, account, contact = line.conversation, line.account, line.contact
    return {
        "id": conversation.id,
        "account": account.id,
        "account_name": account.name,
        "phone_number": number_of(contact),
        "contact_name": name_of(contact) or "",
        "mode": standing.mode_of(conversation, account),
        "status": standing.status_of(conversation.status),
        "unread_count": conversation.unread,
        "last_message_at": instant(last_moment(line)),
        "last_message_preview": preview(line.last_message),
        "labels": [],
        "tags": list(line.tags),
        "assigned_to": conversation.owner,
        "assigned_agent": conversation.owner,
        "assigned_agent_name": conversation.owner,
        "handover_status": standing.handover_status_of(conversation),
        "handover_assigned_to": conversation.owner,
        "handover_assigned_to_name": conversation.owner,
        "ai_agent": account.agent_id if account.agent_id != NOBODY else None,
        "agent_session_id": None,
        "context": {},
        "profile_picture_url": links.of(contact.picture_id) if contact.picture_id is not None else None,
        "store_slug": None,
        "store_name": None,
        "last_customer_message_at": instant(conversation.last_inbound_at),
        "last_agent_message_at": instant(conversation.last_owned_at),
        "closed_at": None,
        "resolved_at": None,
        "created_at": instant(conversation.created_at),
        "updated_at": instant(max(last_moment(line), conversation.last_owned_at or conversation.created_at)),
    }


def name_of(contact: Contact) -> str | None:
    """As operators call them, else as the channel does."""
    return contact.given_name or contact.name or contact.username


def last_moment(line: Line) -> datetime:
    """Of the last message, whoever wrote it."""
    conversation, last = line.conversation, line.last_message
    known = (conversation.last_inbound_at, last.at if last is not None else None)
    return max([conversation.created_at, *(moment for moment in known if moment is not None)])


def preview(last: Message | None) -> str | None:
    """Its words; of one without any, what kind it is; of one that was taken back, nothing."""
    if last is None or last.removed_at is not None:
        return None
    return (content.words_of(last) or f"[{content.type_of(last, ())}]")[:_LONGEST_PREVIEW]
