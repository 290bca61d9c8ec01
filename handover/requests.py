"""/api/v1/requests: who wants a person, and what becomes of it."""

from __future__ import annotations

from sanic import Blueprint
from sanic.request import Request as Asked

from conversation.errors import NotFound
from conversation.said import say
from handover import bodies
from handover.auth import route, theirs, visible
from handover.ownership import forced
from handover.queries import RequestsQuery
from handover.schemas import done_json, request_json
from handover.shapes import requests as shapes
from handover.shapes.handovers import Done
from store import listing, requests
from store.operators import Operator, Role
from store.requests import Request


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/requests", role=Role.OPERATOR, query=RequestsQuery, answers=shapes.Requests)
    async def list_requests(request: Asked, operator: Operator, query: RequestsQuery) -> shapes.Requests:
        """Who wanted a person, and what became of it, the newest first."""
        found = await request.app.ctx.baton.db.read(
            listing.asked,
            account_ids=theirs(operator),
            state=query.state,
            after=query.after,
            limit=query.limit + 1,
        )
        more = len(found) > query.limit
        return {
            "items": [request_json(each) for each in found[: query.limit]],
            "next": found[query.limit - 1].id if more else None,
        }

    @route(blueprint, "GET", "/requests/<request_id:int>", role=Role.OPERATOR, answers=shapes.Request)
    async def show_request(request: Asked, operator: Operator, request_id: int) -> shapes.Request:
        """One wish for a person."""
        return request_json(await visible_request(request, operator, request_id))

    @route(
        blueprint,
        "POST",
        "/requests/<request_id:int>/approve",
        role=Role.OPERATOR,
        body=bodies.ApproveBody,
        answers=Done,
        refusals=(403, 409),
    )
    async def approve(request: Asked, operator: Operator, body: bodies.ApproveBody, request_id: int) -> Done:
        """Somebody takes it: who is named, or else who approves."""
        await visible_request(request, operator, request_id)
        return done_json(
            await request.app.ctx.baton.ownership.approve(
                request_id, by=operator.name, to_operator=body.operator, force=forced(operator, body.force)
            )
        )

    @route(
        blueprint,
        "POST",
        "/requests/<request_id:int>/reject",
        role=Role.OPERATOR,
        body=bodies.RejectBody,
        answers=Done,
        refusals=(403, 409),
    )
    async def reject(request: Asked, operator: Operator, body: bodies.RejectBody, request_id: int) -> Done:
        """Nobody will come; the customer is told."""
        await visible_request(request, operator, request_id)
        return done_json(await request.app.ctx.baton.ownership.reject(request_id, by=operator.name, note=body.note))


async def visible_request(request: Asked, operator: Operator, request_id: int) -> Request:
    found: Request = await request.app.ctx.baton.db.read(requests.get, request_id)
    try:
        await visible(request, operator, found.conversation_id)
    except NotFound as error:
        raise NotFound(say("There is no request {request}.", request=request_id)) from error
    return found
