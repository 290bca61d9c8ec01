"""A conversation in the dashboard's list of all channels."""

from __future__ import annotations

from typing import Any

from conversation.account import Channel
from handover.dashboard.objects import standing
from handover.dashboard.objects.conversation import last_moment, name_of, preview
from handover.dashboard.objects.message import number_of
from handover.schemas import instant
from store.listing import Line


def universal_json(line: Line) -> dict[str, Any]:
    """`route`: the page that a click leads to, with what is open there."""
    conversation, account, contact = line.conversation, line.account, line.contact
    channel, number = account.channel, number_of(contact)
    second = number if channel is Channel.WHATSAPP else contact.username or number
    return {
        "id": f"{channel.value}:{conversation.id}",
        "platform": channel.value,
        "platform_icon_key": channel.value,
        "source_conversation_id": conversation.id,
        "account_id": account.id,
        "account_name": account.name,
        "display_name": name_of(contact) or second,
        "secondary_identifier": second,
        "last_message_preview": preview(line.last_message),
        "last_message_at": instant(last_moment(line)),
        "unread_count": conversation.unread,
        "status": standing.status_of(conversation.status),
        "mode": standing.mode_of(conversation, account),
        "handover_status": standing.handover_status_of(conversation),
        "route": f"/inbox/{channel.value}",
        "route_params": {"account": account.id, "conversation": conversation.id},
        "is_actionable": True,
    }
