"""/api/v1/conversations: who is talking, and since when they wait."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint
from sanic.request import Request

from conversation.conversation import HandoverState, Status
from handover import asked
from handover.auth import route, theirs, visible, visible_account
from handover.schemas import conversation_json
from store import conversations, listing
from store.listing import Wanted
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/conversations", role=Role.OPERATOR)
    async def list_conversations(request: Request, operator: Operator) -> dict[str, Any]:
        """Latest first.

        Query: account, address, state, status, owner, team, tag, unread=1, after (an id), limit (at most 200).
        """
        house, limit, after = request.app.ctx.baton, asked.limit(request, default=50), request.args.get("after")
        wanted = await _wanted(request, operator)
        if after is not None:
            await visible(request, operator, after)
        found = await house.db.read(listing.page, wanted, house.clock.now(), after=after, limit=limit + 1)
        more = len(found) > limit
        return {
            "items": [conversation_json(each) for each in found[:limit]],
            "next": found[limit - 1].conversation.id if more else None,
        }

    @route(blueprint, "GET", "/conversations/<conversation_id:str>", role=Role.OPERATOR)
    async def show_conversation(request: Request, operator: Operator, conversation_id: str) -> dict[str, Any]:
        await visible(request, operator, conversation_id)
        house = request.app.ctx.baton
        return conversation_json(await house.db.read(listing.one, conversation_id, house.clock.now()))

    @route(blueprint, "POST", "/conversations/<conversation_id:str>/read", role=Role.OPERATOR)
    async def mark_read(request: Request, operator: Operator, conversation_id: str) -> dict[str, Any]:
        """Somebody has looked at it: nothing is unread any more."""
        conversation = await visible(request, operator, conversation_id)
        if conversation.unread:
            await request.app.ctx.baton.db.write(conversations.change, conversation.id, unread=0)
        return {"id": conversation.id, "unread": 0}


async def _wanted(request: Request, operator: Operator) -> Wanted:
    args, account = request.args, request.args.get("account")
    return Wanted(
        account_ids=theirs(operator),
        account=None if account is None else (await visible_account(request, operator, account)).id,
        address=args.get("address"),
        state=asked.one_of(HandoverState, request, "state"),
        status=asked.one_of(Status, request, "status"),
        owner=args.get("owner"),
        team=args.get("team"),
        tag=args.get("tag"),
        unread=asked.yes(request, "unread"),
    )
