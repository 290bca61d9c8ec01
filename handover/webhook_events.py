"""/api/v1/webhook-events: what Meta told us that has no place in a conversation."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint
from sanic.request import Request

from handover.auth import route
from handover.conversations import whole_number
from handover.schemas import instant
from store import webhook_events
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/webhook-events", role=Role.ADMIN)
    async def list_webhook_events(request: Request, operator: Operator) -> dict[str, Any]:
        """The latest first. Query: limit (at most 200)."""
        limit = whole_number(request.args.get("limit"), default=50, most=200)
        found = await request.app.ctx.baton.db.read(webhook_events.latest, limit=limit)
        return {"items": [{**event, "at": instant(event["at"])} for event in found]}
