"""The operators' REST API, mounted at /api/v1 wherever Rasa's channels are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request

from handover import (
    abilities,
    account_check,
    account_settings,
    accounts,
    agent_trials,
    agents,
    alerts,
    asyncapi,
    audit,
    beginning,
    canned,
    contacts,
    context,
    conversations,
    docs,
    feed,
    hours,
    instagram_connect,
    mail,
    media,
    messages,
    notes,
    notices,
    openapi,
    operators,
    ownership,
    participants,
    privacy,
    queue,
    requests,
    sessions,
    settings,
    sign_in,
    signs,
    statistics,
    sync,
    tags,
    teams,
    templates,
    thread,
    tokens,
    unplaced_events,
    webhook_events,
)
from handover.auth import open_route
from handover.shapes.health import Health

RESOURCES = (
    conversations,
    participants,
    messages,
    signs,
    media,
    ownership,
    thread,
    context,
    notes,
    tags,
    queue,
    requests,
    notices,
    feed,
    asyncapi,
    sign_in,
    tokens,
    operators,
    teams,
    accounts,
    account_settings,
    account_check,
    templates,
    hours,
    abilities,
    sync,
    instagram_connect,
    agents,
    agent_trials,
    sessions,
    contacts,
    privacy,
    settings,
    statistics,
    canned,
    alerts,
    audit,
    beginning,
    mail,
    webhook_events,
    unplaced_events,
    openapi,
    docs,
)


class OperatorsApi(InputChannel):
    """`credentials.yml`: `handover.api.OperatorsApi:`. Not a channel to customers: it never makes a message."""

    @classmethod
    def name(cls) -> str:
        return "api"

    def url_prefix(self) -> str:
        return "/api/v1"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("operators_api")

        @open_route(
            blueprint,
            "GET",
            "/health",
            because="A load balancer asks. It says that we are there, and which model answers; nothing of customers.",
            answers=Health,
        )
        async def health(request: Request) -> Health:
            """Whether we are there."""
            return {"status": "ok", "model": request.app.ctx.baton.model()}

        for resource in RESOURCES:
            resource.register(blueprint)
        return blueprint
