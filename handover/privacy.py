"""/api/v1/contacts/<id>/export and /erase: what somebody may ask of whoever keeps data of them."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import structlog
from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection

from conversation.errors import BadInput, NotFound
from conversation.said import say
from handover.auth import route
from handover.shapes import privacy as shapes
from store import contacts, deeds, exporting
from store.deeds import Deed
from store.operators import Operator, Role

log = structlog.get_logger()

#: An answer does not wait longer; what is not done by then goes on.
_PATIENCE_S = 8.0


class EraseBody(msgspec.Struct):
    """`confirm`: the contact's id once more, so that nobody is erased by a slip."""

    confirm: str


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/contacts/<contact_id:str>/export", role=Role.ADMIN, answers=shapes.Export)
    async def export_contact(request: Request, operator: Operator, contact_id: str) -> Any:
        """Everything that is known of them, table by table.

        Files are fetched by their ids, at `/media`. That it was asked for stands in the audit log.
        """
        house = request.app.ctx.baton
        await _need_visible(request, operator, contact_id)
        facts = {"contact_id": contact_id}
        with deeds.doing(Deed(by=operator.name, action="export_contact", at=house.clock.now(), facts=facts)):
            await house.db.write(_nothing)
        return await house.db.read(exporting.of_contact, contact_id)

    @route(
        blueprint,
        "POST",
        "/contacts/<contact_id:str>/erase",
        role=Role.ADMIN,
        body=EraseBody,
        answers=shapes.Erased,
        refusals=(400, 404),
    )
    async def erase_contact(request: Request, operator: Operator, body: EraseBody, contact_id: str) -> shapes.Erased:
        """Deletes everything that is known of them, for good.

        From the answer on nothing is written to them, and whoever writes from their address is somebody new. `state` is
        `under_way` where deleting takes longer than a few seconds: it goes on by itself, also after a crash.
        """
        erasing = request.app.ctx.baton.erasing
        await _need_visible(request, operator, contact_id)
        if body.confirm != contact_id:
            raise BadInput(say("To erase everything that is known of a contact, `confirm` must be the contact's id."))
        erasure = await erasing.begin(contact_id, by=operator.name)
        task = asyncio.create_task(erasing.carry_out(erasure), name=f"erase {contact_id}")
        task.add_done_callback(_ended)
        done, _ = await asyncio.wait([task], timeout=_PATIENCE_S)
        return {"contact": contact_id, "state": "done" if done and task.exception() is None else "under_way"}


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        log.error("erasing_failed", exc_info=task.exception())  # whoever looks after what is under way goes on


async def _need_visible(request: Request, operator: Operator, contact_id: str) -> None:
    """One of an account that is not theirs is not there."""
    account_id = await request.app.ctx.baton.db.read(contacts.account_of, contact_id)
    if account_id is None or not operator.may_see(account_id):
        raise NotFound(say("There is no contact {contact}.", contact=contact_id))


def _nothing(tx: Connection) -> None:
    """A transaction that only says that something was done."""
