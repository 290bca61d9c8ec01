"""/api/v1/conversations/{id}/tags: words by which a conversation is found again."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from sanic import Blueprint
from sanic.request import Request

from handover.auth import route, visible
from handover.shapes.conversations import Tagged
from store import tags
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "PUT", "/conversations/<conversation_id:str>/tags/<tag:str>", role=Role.OPERATOR, answers=Tagged)
    async def put_tag(request: Request, operator: Operator, conversation_id: str, tag: str) -> Tagged:
        """Puts a tag on it."""
        return await _change(tags.put, request, operator, conversation_id, tag)

    @route(
        blueprint, "DELETE", "/conversations/<conversation_id:str>/tags/<tag:str>", role=Role.OPERATOR, answers=Tagged
    )
    async def remove_tag(request: Request, operator: Operator, conversation_id: str, tag: str) -> Tagged:
        """Takes a tag off it."""
        return await _change(tags.remove, request, operator, conversation_id, tag)


async def _change(change: Any, request: Request, operator: Operator, conversation_id: str, tag: str) -> Tagged:
    """All its tags afterwards."""
    conversation = await visible(request, operator, conversation_id)
    house = request.app.ctx.baton
    await house.db.write(change, conversation.id, unquote(tag), by=operator.name, now=house.clock.now())
    return {"id": conversation.id, "tags": await house.db.read(tags.of_conversation, conversation.id)}
