"""/api/v1/conversations/{id}/take, release, reply: an operator's commands."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint
from sanic.request import Request

from handover.auth import body_of, route
from handover.schemas import ReplyBody, done_json
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "POST", "/conversations/<conversation_id:str>/take", role=Role.OPERATOR)
    async def take(request: Request, operator: Operator, conversation_id: str) -> dict[str, Any]:
        """With `in_flight` 0, no request of the assistant's reaches Meta after this answer."""
        return done_json(await request.app.ctx.baton.ownership.take(conversation_id, by=operator.name))

    @route(blueprint, "POST", "/conversations/<conversation_id:str>/release", role=Role.OPERATOR)
    async def release(request: Request, operator: Operator, conversation_id: str) -> dict[str, Any]:
        force = operator.role is Role.ADMIN
        return done_json(await request.app.ctx.baton.ownership.release(conversation_id, by=operator.name, force=force))

    @route(blueprint, "POST", "/conversations/<conversation_id:str>/reply", role=Role.OPERATOR)
    async def reply(request: Request, operator: Operator, conversation_id: str) -> dict[str, Any]:
        """Takes the conversation first where nobody has it."""
        body: ReplyBody = body_of(request, ReplyBody)
        return done_json(await request.app.ctx.baton.ownership.reply(conversation_id, body.text, by=operator.name))
