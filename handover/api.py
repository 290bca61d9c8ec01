"""The operators' REST API, mounted at /api/v1 wherever Rasa's channels are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from handover import (
    accounts,
    agents,
    alerts,
    canned,
    context,
    conversations,
    instagram_connect,
    mail,
    media,
    messages,
    notes,
    notices,
    operators,
    ownership,
    queue,
    requests,
    sync,
    tags,
    teams,
    thread,
    webhook_events,
)
from handover.auth import answer

RESOURCES = (
    conversations,
    messages,
    media,
    ownership,
    thread,
    context,
    notes,
    tags,
    queue,
    requests,
    notices,
    operators,
    teams,
    accounts,
    sync,
    instagram_connect,
    agents,
    canned,
    alerts,
    mail,
    webhook_events,
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

        # No role: a load balancer asks this. It says that we are there, and which model answers; nothing of customers.
        @blueprint.get("/health")
        async def health(request: Request) -> HTTPResponse:
            return answer({"status": "ok", "model": request.app.ctx.baton.model()})

        for resource in RESOURCES:
            resource.register(blueprint)
        return blueprint
