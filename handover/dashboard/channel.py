"""`credentials.yml`: `handover.dashboard.channel.Dashboard:`. Without that block the dashboard finds nothing here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint

from handover.dashboard import (
    agent_sessions,
    agents,
    beyond,
    commands,
    conversations,
    handover,
    instagram_accounts,
    instagram_conversations,
    instagram_sends,
    instagram_sign_in,
    instagram_syncing,
    later,
    media_links,
    messenger_accounts,
    messenger_conversations,
    messenger_profile,
    notes,
    sign_in,
    tags,
    templates,
    universal,
    whatsapp_accounts,
    whatsapp_files,
    whatsapp_messages,
    whatsapp_sends,
)

RESOURCES: tuple[ModuleType, ...] = (
    media_links,
    sign_in,
    whatsapp_accounts,
    templates,
    handover,
    beyond,
    later,
    conversations,
    universal,
    notes,
    tags,
    agents,
    agent_sessions,
    commands,
    whatsapp_sends,
    whatsapp_files,
    whatsapp_messages,
    instagram_accounts,
    instagram_conversations,
    instagram_sends,
    instagram_sign_in,
    instagram_syncing,
    messenger_accounts,
    messenger_conversations,
    messenger_profile,
)


class Dashboard(InputChannel):
    """Not a channel to customers: it never makes a message."""

    @classmethod
    def name(cls) -> str:
        return "dashboard"

    def url_prefix(self) -> str:
        return "/api/v1"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("dashboard")
        for resource in RESOURCES:
            resource.register(blueprint)
        return blueprint
