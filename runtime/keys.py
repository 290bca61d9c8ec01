"""What a message is known by, however we hear of it: by webhook, as an echo, or from the channel's own memory."""

from __future__ import annotations

from conversation.account import Channel


def message_key(channel: Channel, account: str, provider_id: str) -> str:
    return f"{channel.value}:{account}:message:{plain_id(channel, provider_id)}"


def echo_key(channel: Channel, account: str, provider_id: str) -> str:
    return f"{channel.value}:{account}:echo:{plain_id(channel, provider_id)}"


def removal_key(channel: Channel, account: str, provider_id: str) -> str:
    return f"{channel.value}:{account}:removed:{plain_id(channel, provider_id)}"


def plain_id(channel: Channel, provider_id: str) -> str:
    """Messenger's ids come with and without this beginning, by where they are asked for."""
    return provider_id.removeprefix("m_") if channel is Channel.MESSENGER else provider_id
