"""/api/v1/webhook-events: what Meta told us that has no place in a conversation."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint
from sanic.request import Request

from handover import asked
from handover.auth import route, theirs
from handover.schemas import entry_json
from store import webhook_events
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/webhook-events", role=Role.ADMIN)
    async def list_webhook_events(request: Request, operator: Operator) -> dict[str, Any]:
        """The latest first. Query: limit (at most 200)."""
        limit = asked.limit(request, default=50)
        found = await request.app.ctx.baton.db.read(webhook_events.latest, limit, account_ids=theirs(operator))
        return {"items": [entry_json(each) for each in found]}
