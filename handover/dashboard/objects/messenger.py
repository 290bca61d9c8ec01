"""A Messenger account, conversation and message in the words of the dashboard's two generations: field names of both
stand side by side; `last_message` alone is a text in the one (`seed`) and an object in the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conversation.account import Account
from conversation.message import Direction, Message
from handover.dashboard.media_links import Links
from handover.dashboard.objects import direct, standing
from handover.dashboard.objects.conversation import name_of, preview
from handover.dashboard.objects.instagram import standing_of
from handover.schemas import instant
from store.listing import Line
from store.media import File


def account_json(account: Account, *, told: bool) -> dict[str, Any]:
    """`told`: Meta has said that it tells us of this Page. Never its token."""
    return {
        "id": account.id,
        "name": account.name,
        "page_id": account.provider_id,
        "page_name": account.name,
        "status": standing_of(account),
        "is_active": account.active,
        "webhook_verified": told,
        "auto_response_enabled": account.auto_response,
        "human_handoff_enabled": account.handover.enabled,
        "created_at": instant(account.created_at),
        "updated_at": instant(account.created_at),
    }


def conversation_json(line: Line, links: Links, *, seed: bool) -> dict[str, Any]:
    conversation, contact = line.conversation, line.contact
    active, psid, mode = direct.is_active(conversation), direct.address_of(contact), _mode(line)
    return {
        "id": conversation.id,
        "account": line.account.id,
        "account_name": line.account.name,
        "psid": psid,
        "sender_id": psid,
        "participant_name": name_of(contact),
        "sender_name": name_of(contact) or psid,
        "participant_profile_pic": direct.picture_of(contact, links),
        "status": "active" if active else "closed",
        "is_active": active,
        "is_bot_active": mode != "human",
        "mode": mode,
        "handover_status": standing.handover_status_of(conversation),
        "assigned_to": conversation.owner,
        "unread_count": conversation.unread,
        "last_message_preview": preview(line.last_message),
        "last_message": (preview(line.last_message) or "") if seed else direct.last_json(line, upper=True),
        **direct.moments_json(line),
    }


def _mode(line: Line) -> str:
    return standing.mode_of(line.conversation, line.account)


def messages_json(
    found: Sequence[Message],
    files: Mapping[int, Sequence[File]],
    line: Line,
    links: Links,
    language: str,
    *,
    seed: bool,
) -> list[dict[str, Any]]:
    """In the order given, all of one conversation."""
    return [_message_json(each, files.get(each.id, ()), line, links, language, seed=seed) for each in found]


def _message_json(
    message: Message, files: Sequence[File], line: Line, links: Links, language: str, *, seed: bool
) -> dict[str, Any]:
    part = direct.shown(message, files, line.conversation, links, language)
    ours = message.direction is Direction.OUTBOUND
    theirs = direct.address_of(line.contact)
    return {
        "id": str(message.id),
        "messenger_message_id": message.provider_id,
        "conversation": line.conversation.id,
        "conversation_id": line.conversation.id,
        "message_type": part.type if seed else part.type.upper(),
        "content": part.words,
        "direction": message.direction.value,
        "attachment_url": part.picture,
        "attachment_type": part.files[0]["type"] if part.files else None,
        "attachments": list(part.files),
        "is_from_page": ours,
        # It says on which side the seed's page draws a message, whoever of us wrote it.
        "is_from_bot": ours,
        "author": message.author.value,
        "sender_id": line.account.provider_id if ours else theirs,
        "sender_name": (message.operator or line.account.name) if ours else name_of(line.contact) or theirs,
        "is_read": part.is_read,
        "status": part.status,
        "error_message": part.error,
        "sent_at": instant(message.sent_at or message.at),
        "delivered_at": instant(message.delivered_at),
        "read_at": instant(message.read_at),
        "created_at": instant(message.at),
    }
