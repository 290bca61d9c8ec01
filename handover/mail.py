"""/api/v1/mail: messages that were tried too often, recorded and parked; an admin may have them tried again."""

from __future__ import annotations

from sanic import Blueprint
from sanic.request import Request

from conversation.errors import NotFound
from conversation.said import say
from handover.auth import route, theirs
from handover.schemas import parked_json
from handover.shapes.mail import Parked, Retried
from handover.shapes.page import Items
from store import mailbox
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/mail/parked", role=Role.OPERATOR, answers=Items[Parked])
    async def list_parked(request: Request, operator: Operator) -> Items[Parked]:
        """The messages that wait for somebody to say what becomes of them, the oldest first."""
        found = await request.app.ctx.baton.db.read(mailbox.parked, account_ids=theirs(operator))
        return Items(items=[parked_json(each) for each in found])

    @route(blueprint, "POST", "/mail/<mail_id:int>/retry", role=Role.ADMIN, answers=Retried)
    async def retry_parked(request: Request, operator: Operator, mail_id: int) -> Retried:
        """Tries a parked message again.

        It is answered, if the assistant may speak by then; its words are in the history twice."""
        db = request.app.ctx.baton.db
        found = await db.read(mailbox.parked, mail_id=mail_id, account_ids=theirs(operator))
        if not found or not await db.write(mailbox.retry, mail_id):
            raise NotFound(say("There is no parked mail {mail}.", mail=mail_id))
        return {"id": mail_id, "state": "new"}
