"""/api/v1/conversations/{id}/typing, seen: signs that a person gives to the customer."""

from __future__ import annotations

import msgspec
from sanic import Blueprint
from sanic.request import Request

from handover.auth import route, visible
from handover.shapes.messages import Sign
from store.operators import Operator, Role


class TypingBody(msgspec.Struct):
    """`on`: they write; else they have stopped. A sign ends by itself within half a minute."""

    on: bool = True


def register(blueprint: Blueprint) -> None:
    @route(
        blueprint,
        "POST",
        "/conversations/<conversation_id:str>/typing",
        role=Role.OPERATOR,
        body=TypingBody,
        answers=Sign,
        refusals=(409,),
    )
    async def show_typing(request: Request, operator: Operator, conversation_id: str, body: TypingBody) -> Sign:
        """Shows the customer that its owner writes; their messages are then shown as read."""
        conversation = await visible(request, operator, conversation_id)
        ownership = request.app.ctx.baton.ownership
        if body.on:
            return {"id": conversation.id, "asked": await ownership.show_typing(conversation.id, by=operator.name)}
        await ownership.hide_typing(conversation.id, by=operator.name)
        return {"id": conversation.id, "asked": False}

    @route(
        blueprint,
        "POST",
        "/conversations/<conversation_id:str>/seen",
        role=Role.OPERATOR,
        answers=Sign,
        refusals=(409,),
    )
    async def show_seen(request: Request, operator: Operator, conversation_id: str) -> Sign:
        """Shows the customer that its owner has read what they wrote."""
        conversation = await visible(request, operator, conversation_id)
        asked = await request.app.ctx.baton.ownership.show_seen(conversation.id, by=operator.name)
        return {"id": conversation.id, "asked": asked}
