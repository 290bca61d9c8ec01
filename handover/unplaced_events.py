"""/api/v1/unplaced-events: what Meta told us that has no place in a conversation."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from sanic import Blueprint
from sanic.request import Request

from handover.auth import route, theirs
from handover.masked import masked
from handover.schemas import entry_json
from handover.shapes.page import Items
from handover.shapes.webhooks import UnplacedEvent
from store import webhook_events
from store.operators import Operator, Role


class UnplacedQuery(msgspec.Struct):
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/unplaced-events", role=Role.ADMIN, query=UnplacedQuery, answers=Items[UnplacedEvent])
    async def list_unplaced_events(request: Request, operator: Operator, query: UnplacedQuery) -> dict[str, Any]:
        """What Meta told us that has no place in a conversation, the latest first."""
        found = await request.app.ctx.baton.db.read(webhook_events.latest, query.limit, account_ids=theirs(operator))
        return {"items": [{**entry_json(each), "body": masked(each["body"])} for each in found]}
