"""/api/v1/canned: replies that are written once, with fields for what differs."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint
from sanic.request import Request

from conversation.errors import NotFound
from conversation.said import say
from handover import bodies
from handover.auth import need, route, theirs, visible_account
from handover.schemas import canned_json
from handover.shapes.notes import CannedReply, Removed
from handover.shapes.page import Items
from store import canned
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/canned", role=Role.OPERATOR, answers=Items[CannedReply])
    async def list_canned(request: Request, operator: Operator) -> dict[str, Any]:
        """Those for all accounts, and those of the operator's own."""
        found = await request.app.ctx.baton.db.read(canned.all_of, theirs(operator))
        return {"items": [canned_json(each) for each in found]}

    @route(
        blueprint,
        "POST",
        "/canned",
        role=Role.OPERATOR,
        body=bodies.CannedBody,
        answers=CannedReply,
        refusals=(403, 404, 409),
    )
    async def add_canned(request: Request, operator: Operator, body: bodies.CannedBody) -> CannedReply:
        """Keeps a reply for later."""
        given = await _given(request, operator, body)
        return canned_json(await request.app.ctx.baton.db.write(canned.add, **given))

    @route(
        blueprint,
        "PUT",
        "/canned/<reply_id:int>",
        role=Role.OPERATOR,
        body=bodies.CannedBody,
        answers=CannedReply,
        refusals=(403, 409),
    )
    async def change_canned(
        request: Request, operator: Operator, body: bodies.CannedBody, reply_id: int
    ) -> CannedReply:
        """Writes it anew, whole."""
        await _visible(request, operator, reply_id)
        given = await _given(request, operator, body)
        return canned_json(await request.app.ctx.baton.db.write(canned.change, reply_id, version=body.version, **given))

    @route(blueprint, "DELETE", "/canned/<reply_id:int>", role=Role.OPERATOR, answers=Removed, refusals=(403,))
    async def remove_canned(request: Request, operator: Operator, reply_id: int) -> Removed:
        """Removes it."""
        await _visible(request, operator, reply_id)
        await request.app.ctx.baton.db.write(canned.remove, reply_id)
        return {"id": reply_id}


async def _given(request: Request, operator: Operator, body: bodies.CannedBody) -> dict[str, Any]:
    if body.account_id is None:
        _for_everybody(operator)
    account_id = body.account_id and (await visible_account(request, operator, body.account_id)).id
    return {
        "shortcut": body.shortcut,
        "language": body.language,
        "text": body.text,
        "account_id": account_id,
        "by": operator.name,
        "now": request.app.ctx.baton.clock.now(),
    }


async def _visible(request: Request, operator: Operator, reply_id: int) -> None:
    reply = await request.app.ctx.baton.db.read(canned.get, reply_id)
    if reply.account_id is None:
        _for_everybody(operator)
    elif not operator.may_see(reply.account_id):
        raise NotFound(say("There is no canned reply {reply}.", reply=reply_id))


def _for_everybody(operator: Operator) -> None:
    """Who sees only some accounts does not write what is sent from the others."""
    if not operator.all_accounts:
        need(operator, Role.SUPERVISOR)
