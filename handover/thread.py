"""/api/v1/conversations/{id}/thread: which app Meta lets write. It changes nothing about who of ours answers."""

from __future__ import annotations

from sanic import Blueprint
from sanic.request import Request

from handover import bodies
from handover.auth import route, visible
from handover.schemas import thread_json
from handover.shapes.conversations import Threaded
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(
        blueprint,
        "POST",
        "/conversations/<conversation_id:str>/thread",
        role=Role.OPERATOR,
        body=bodies.ThreadBody,
        answers=Threaded,
        refusals=(409, 502),
    )
    async def order_thread(
        request: Request, operator: Operator, body: bodies.ThreadBody, conversation_id: str
    ) -> Threaded:
        """Orders which app Meta lets write.

        Take it, release it, or pass it on. Meta is asked first; where it says no, that is told and nothing changes.

        Pass: `app`, its id or `inbox`; `metadata` is for that app to read.
        """
        await visible(request, operator, conversation_id)
        done = await request.app.ctx.baton.thread_orders.order(
            conversation_id, body.control, by=operator.name, app=body.app, metadata=body.metadata
        )
        return {"id": done.id, "thread": thread_json(done)}
