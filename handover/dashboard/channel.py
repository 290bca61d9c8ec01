"""`credentials.yml`: `handover.dashboard.channel.Dashboard:`. Without that block the dashboard finds nothing here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint

from handover.dashboard import commands, conversations, media_links, notes, tags, universal

RESOURCES: tuple[ModuleType, ...] = (
    media_links,
    conversations,
    universal,
    notes,
    tags,
    commands,
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
