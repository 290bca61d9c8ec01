"""An Instagram account, conversation and message in the words of the dashboard's two generations: field names of both
stand side by side; where one name has two meanings, `seed` says which is read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from conversation.account import Account
from conversation.channel_settings import Login
from conversation.conversation import Conversation
from conversation.message import Author, Direction, Message
from handover.dashboard.media_links import Links
from handover.dashboard.objects import direct, standing
from handover.dashboard.objects.conversation import name_of, preview
from handover.schemas import instant
from runtime.abilities import OwnProfile
from store.listing import Line
from store.media import File

#: In place of a token: of one of ours no letter is ever shown.
_MASKED = "••••••••"


def account_json(
    account: Account, profile: OwnProfile | None, *, last_sync_at: datetime | None, user_id: str | None
) -> dict[str, Any]:
    """`profile`: as Instagram tells; where it is not known, the numbers are 0, for a page reckons with them. `user_id`:
    its other id, where it has one."""
    own, told = account.channel_settings, profile or OwnProfile()
    return {
        "id": account.id,
        "name": account.name,
        "username": own.username or told.username or account.name,
        "platform": "instagram",
        "instagram_business_id": account.provider_id,
        "instagram_account_id": account.provider_id,
        "instagram_user_id": user_id or account.provider_id,
        "facebook_page_id": own.page_id,
        "app_id": own.app_id or "",
        "followers_count": told.followers,
        "follows_count": told.follows,
        "media_count": told.posts,
        "profile_picture_url": told.picture_url,
        "biography": told.biography or "",
        "website": told.website,
        "status": standing_of(account),
        "is_active": account.active,
        "is_verified": False,
        "messaging_enabled": account.active,
        "auto_response_enabled": account.auto_response,
        "human_handoff_enabled": account.handover.enabled,
        "masked_token": "" if account.emulated else _MASKED,
        "token_expires_at": instant(account.token_expires_at),
        "last_sync_at": instant(last_sync_at),
        "connected_by": "instagram" if own.login is Login.INSTAGRAM else "facebook",
        "created_at": instant(account.created_at),
        "updated_at": instant(account.created_at),
    }


def standing_of(account: Account) -> str:
    if not account.active:
        return "inactive"
    return "error" if account.fault else "active"


def conversation_json(line: Line, links: Links) -> dict[str, Any]:
    conversation, contact = line.conversation, line.contact
    active = direct.is_active(conversation)
    return {
        "id": conversation.id,
        "account": line.account.id,
        "account_username": line.account.channel_settings.username or line.account.name,
        "participant_id": direct.address_of(contact),
        "participant_username": contact.username,
        "participant_name": name_of(contact),
        "participant_profile_pic": direct.picture_of(contact, links),
        "last_message_preview": preview(line.last_message),
        "last_message": direct.last_json(line, upper=True),
        "unread_count": conversation.unread,
        "status": "active" if active else "closed",
        "is_active": active,
        "mode": standing.mode_of(conversation, line.account),
        "handover_status": standing.handover_status_of(conversation),
        "assigned_to": conversation.owner,
        **direct.moments_json(line),
    }


def messages_json(
    found: Sequence[Message],
    files: Mapping[int, Sequence[File]],
    talk: Conversation,
    links: Links,
    language: str,
    *,
    seed: bool,
) -> list[dict[str, Any]]:
    """In the order given, all of one conversation."""
    return [_message_json(each, files.get(each.id, ()), talk, links, language, seed=seed) for each in found]


def _message_json(
    message: Message, files: Sequence[File], talk: Conversation, links: Links, language: str, *, seed: bool
) -> dict[str, Any]:
    part = direct.shown(message, files, talk, links, language)
    ours = message.direction is Direction.OUTBOUND
    return {
        "id": str(message.id),
        "conversation": talk.id,
        "conversation_id": talk.id,
        "account": talk.account_id,
        "instagram_message_id": message.provider_id,
        "content": part.words,
        "text_content": part.words,
        "direction": message.direction.value,
        "message_type": part.type if seed else part.type.upper(),
        "media_url": part.picture or (part.files[0]["url"] if part.files else None),
        "attachments": list(part.files),
        "is_from_business": ours,
        "is_from_bot": message.author is Author.BOT,
        "is_read": part.is_read,
        "status": "seen" if seed and part.status == "read" else part.status,
        "error_message": part.error,
        "sent_at": instant(message.sent_at or message.at),
        "delivered_at": instant(message.delivered_at),
        "seen_at": instant(message.read_at),
        "created_at": instant(message.at),
    }
