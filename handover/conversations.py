"""/api/v1/conversations: who is talking, and what was said."""

from __future__ import annotations

import re
from typing import Any

from sanic import Blueprint
from sanic.request import Request

from conversation.conversation import HandoverState
from conversation.errors import BadInput, NotFound
from handover.auth import route
from handover.schemas import conversation_json, message_json
from store import conversations, messages
from store.operators import Operator, Role

_MOST = 200
_NUMBER = re.compile(r"[0-9]{1,18}")


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/conversations", role=Role.OPERATOR)
    async def list_conversations(request: Request, operator: Operator) -> dict[str, Any]:
        """Latest first. Query: account, address, state, after (an id), limit (at most 200)."""
        limit = whole_number(request.args.get("limit"), default=50, most=_MOST)
        found = await request.app.ctx.baton.db.read(
            conversations.listed,
            account=request.args.get("account"),
            address=request.args.get("address"),
            state=_state(request.args.get("state")),
            after=request.args.get("after"),
            limit=limit + 1,
        )
        more = len(found) > limit
        return {
            "items": [conversation_json(each) for each in found[:limit]],
            "next": found[limit - 1].conversation.id if more else None,
        }

    @route(blueprint, "GET", "/conversations/<conversation_id:str>", role=Role.OPERATOR)
    async def show_conversation(request: Request, operator: Operator, conversation_id: str) -> dict[str, Any]:
        found = await request.app.ctx.baton.db.read(conversations.listed, conversation_id=conversation_id)
        if not found:
            raise NotFound(f"There is no conversation {conversation_id}.")
        return conversation_json(found[0])

    @route(blueprint, "GET", "/conversations/<conversation_id:str>/messages", role=Role.OPERATOR)
    async def list_messages(request: Request, operator: Operator, conversation_id: str) -> dict[str, Any]:
        """Oldest first. Query: after (a message's id), limit (at most 200)."""
        limit = whole_number(request.args.get("limit"), default=100, most=_MOST)
        after = whole_number(request.args.get("after"), default=0, least=0)
        db = request.app.ctx.baton.db
        await db.read(conversations.get, conversation_id)
        found = await db.read(messages.of_conversation, conversation_id, after=after, limit=limit)
        return {"items": [message_json(each) for each in found]}


def whole_number(text: str | None, *, default: int, least: int = 1, most: int | None = None) -> int:
    if text is None:
        return default
    if not _NUMBER.fullmatch(text) or int(text) < least:
        raise BadInput(f"{text!r} is not a whole number from {least} on.")
    return int(text) if most is None else min(int(text), most)


def _state(text: str | None) -> HandoverState | None:
    try:
        return HandoverState(text) if text is not None else None
    except ValueError as error:
        raise BadInput(f"state is one of {', '.join(s.value for s in HandoverState)}.") from error
