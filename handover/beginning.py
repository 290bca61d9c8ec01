"""POST /api/v1/conversations: somebody is written to who has not written, or not for long; with a template."""

from __future__ import annotations

from sanic import Blueprint
from sanic.request import Request

from handover import once
from handover.auth import route, visible_account
from handover.schemas import done_json
from handover.sends import BeginBody, outbound_of
from handover.shapes.handovers import Done
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(
        blueprint,
        "POST",
        "/conversations",
        role=Role.OPERATOR,
        body=BeginBody,
        answers=Done,
        refusals=(409,),
        once=True,
    )
    async def begin_conversation(request: Request, operator: Operator, body: BeginBody) -> Done:
        """Begins a conversation on WhatsApp.

        Outside the window Meta takes an approved template and nothing else. The contact and the conversation are made
        with it, or are those of the number, however it is written. Under an `Idempotency-Key` it is sent once.
        """
        account = await visible_account(request, operator, body.account)
        done = await request.app.ctx.baton.ownership.begin(
            account.id,
            body.to,
            outbound_of(body),
            by=operator.name,
            keep=body.keep,
            once=once.asked(request, operator, account.id, body),
        )
        return done_json(done)
