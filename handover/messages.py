"""/api/v1/conversations/{id}/messages: what was said, by whom, and why the assistant was silent."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint
from sanic.request import Request

from conversation.errors import BadInput
from handover import asked
from handover.auth import language, route, visible
from handover.transcript import messages_json
from store import context, messages
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/conversations/<conversation_id:str>/messages", role=Role.OPERATOR)
    async def list_messages(request: Request, operator: Operator, conversation_id: str) -> dict[str, Any]:
        """Oldest first. Query: after or before (a message's id), those next to it; limit (at most 200)."""
        limit, after, before = (
            asked.limit(request, default=100),
            *(asked.message_id(request, n) for n in ("after", "before")),
        )
        if after is not None and before is not None:
            raise BadInput("Ask for those after a message, or for those before one.")
        await visible(request, operator, conversation_id)
        db = request.app.ctx.baton.db
        if before is not None:
            found = await db.read(context.last_messages, conversation_id, before=before, limit=limit)
        else:
            found = await db.read(messages.of_conversation, conversation_id, after=after, limit=limit)
        return {"items": await db.read(messages_json, found, language(request))}
