"""/api/v1/queue: who waits for a person, in the order they should be answered."""

from __future__ import annotations

from sanic import Blueprint
from sanic.request import Request

from handover.auth import route, theirs, visible_account
from handover.queries import WaitingQuery
from handover.schemas import conversation_json
from handover.shapes.conversations import Conversation
from handover.shapes.page import Items
from store import listing
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(
        blueprint, "GET", "/queue", role=Role.OPERATOR, query=WaitingQuery, answers=Items[Conversation], refusals=(404,)
    )
    async def list_queue(request: Request, operator: Operator, query: WaitingQuery) -> Items[Conversation]:
        """Who waits for a person: who comes next first."""
        house, account_ids = request.app.ctx.baton, theirs(operator)
        if query.account is not None:
            account_ids = [(await visible_account(request, operator, query.account)).id]
        found = await house.db.read(
            listing.waiting,
            house.clock.now(),
            account_ids=account_ids,
            team=query.team,
            limit=query.limit,
        )
        return Items(items=[conversation_json(each) for each in found])
