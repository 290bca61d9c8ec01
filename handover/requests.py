"""/api/v1/requests: who wants a person, and what becomes of it."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint
from sanic.request import Request as Asked

from conversation.errors import NotFound
from conversation.handover import RequestState
from handover import asked, bodies
from handover.auth import body_of, route, theirs, visible
from handover.ownership import forced
from handover.schemas import done_json, request_json
from store import listing, requests
from store.operators import Operator, Role
from store.requests import Request


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/requests", role=Role.OPERATOR)
    async def list_requests(request: Asked, operator: Operator) -> dict[str, Any]:
        """The newest first. Query: state, after (a request's id), limit (at most 200)."""
        limit = asked.limit(request, default=50)
        found = await request.app.ctx.baton.db.read(
            listing.asked,
            account_ids=theirs(operator),
            state=asked.one_of(RequestState, request, "state"),
            after=asked.number(request, "after"),
            limit=limit + 1,
        )
        more = len(found) > limit
        return {
            "items": [request_json(each) for each in found[:limit]],
            "next": found[limit - 1].id if more else None,
        }

    @route(blueprint, "GET", "/requests/<request_id:int>", role=Role.OPERATOR)
    async def show_request(request: Asked, operator: Operator, request_id: int) -> dict[str, Any]:
        return request_json(await _visible(request, operator, request_id))

    @route(blueprint, "POST", "/requests/<request_id:int>/approve", role=Role.OPERATOR)
    async def approve(request: Asked, operator: Operator, request_id: int) -> dict[str, Any]:
        """Somebody takes it: who is named, or else who approves."""
        body: bodies.ApproveBody = body_of(request, bodies.ApproveBody)
        await _visible(request, operator, request_id)
        return done_json(
            await request.app.ctx.baton.ownership.approve(
                request_id, by=operator.name, to_operator=body.operator, force=forced(operator, body.force)
            )
        )

    @route(blueprint, "POST", "/requests/<request_id:int>/reject", role=Role.OPERATOR)
    async def reject(request: Asked, operator: Operator, request_id: int) -> dict[str, Any]:
        """Nobody will come; the customer is told."""
        body: bodies.RejectBody = body_of(request, bodies.RejectBody)
        await _visible(request, operator, request_id)
        return done_json(await request.app.ctx.baton.ownership.reject(request_id, by=operator.name, note=body.note))


async def _visible(request: Asked, operator: Operator, request_id: int) -> Request:
    found: Request = await request.app.ctx.baton.db.read(requests.get, request_id)
    try:
        await visible(request, operator, found.conversation_id)
    except NotFound as error:
        raise NotFound(f"There is no request {request_id}.") from error
    return found
