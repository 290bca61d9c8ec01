"""/api/v1/queue: who waits for a person, in the order they should be answered."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint
from sanic.request import Request

from handover import asked
from handover.auth import route, theirs, visible_account
from handover.schemas import conversation_json
from store import listing
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/queue", role=Role.OPERATOR)
    async def list_queue(request: Request, operator: Operator) -> dict[str, Any]:
        """Who comes next first. Query: account, team, limit (at most 200)."""
        house, account = request.app.ctx.baton, request.args.get("account")
        account_ids = theirs(operator)
        if account is not None:
            account_ids = [(await visible_account(request, operator, account)).id]
        found = await house.db.read(
            listing.waiting,
            house.clock.now(),
            account_ids=account_ids,
            team=request.args.get("team"),
            limit=asked.limit(request, default=100),
        )
        return {"items": [conversation_json(each) for each in found]}
