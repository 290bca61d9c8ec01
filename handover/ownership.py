"""/api/v1/conversations/{id}/take, reply, release, …: an operator's commands, and where a conversation stands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from sanic import Blueprint
from sanic.request import Request

from conversation.errors import BadInput
from handover import bodies
from handover.auth import body_of, need, route, supervises, visible
from handover.schemas import done_json, entry_json, handover_json
from runtime.ownership import Done, Ownership
from store import handovers, listing, outbox
from store.operators import Operator, Role

Order = Callable[[Request, Ownership, Operator, str], Awaitable[Done]]


def register(blueprint: Blueprint) -> None:
    for name, order in ORDERS.items():
        _register(blueprint, name, order)

    @route(blueprint, "GET", "/conversations/<conversation_id:str>/handover", role=Role.OPERATOR)
    async def show_handover(request: Request, operator: Operator, conversation_id: str) -> dict[str, Any]:
        await visible(request, operator, conversation_id)
        house = request.app.ctx.baton
        line = await house.db.read(listing.one, conversation_id, house.clock.now())
        return handover_json(line, await house.db.read(outbox.in_flight, conversation_id=conversation_id))

    @route(blueprint, "GET", "/conversations/<conversation_id:str>/log", role=Role.OPERATOR)
    async def list_log(request: Request, operator: Operator, conversation_id: str) -> dict[str, Any]:
        """Every change of who answers, the oldest first: who, when, from, to, why."""
        await visible(request, operator, conversation_id)
        found = await request.app.ctx.baton.db.read(handovers.log_of, conversation_id)
        return {"items": [entry_json(each) for each in found]}


def _register(blueprint: Blueprint, name: str, order: Order) -> None:
    async def command(request: Request, operator: Operator, conversation_id: str) -> dict[str, Any]:
        await visible(request, operator, conversation_id)
        return done_json(await order(request, request.app.ctx.baton.ownership, operator, conversation_id))

    command.__name__ = name
    route(blueprint, "POST", f"/conversations/<conversation_id:str>/{name}", role=Role.OPERATOR)(command)


async def _take(request: Request, ownership: Ownership, operator: Operator, conversation_id: str) -> Done:
    """With `in_flight` 0, no request of the assistant's reaches Meta after this answer."""
    body: bodies.TakeBody = body_of(request, bodies.TakeBody)
    force = forced(operator, body.force)
    return await ownership.take(conversation_id, by=operator.name, ownership=body.ownership, force=force)


async def _reply(request: Request, ownership: Ownership, operator: Operator, conversation_id: str) -> Done:
    """Takes the conversation first where nobody has it."""
    body: bodies.ReplyBody = body_of(request, bodies.ReplyBody)
    return await ownership.reply(
        conversation_id,
        body.text,
        by=operator.name,
        ownership=body.ownership,
        media=body.media,
        comment=body.comment,
    )


async def _release(request: Request, ownership: Ownership, operator: Operator, conversation_id: str) -> Done:
    body: bodies.ReleaseBody = body_of(request, bodies.ReleaseBody)
    force = supervises(operator)
    return await ownership.release(conversation_id, by=operator.name, force=force, answer_last=body.answer_last)


async def _transfer(request: Request, ownership: Ownership, operator: Operator, conversation_id: str) -> Done:
    body: bodies.TransferBody = body_of(request, bodies.TransferBody)
    return await ownership.transfer(
        conversation_id,
        by=operator.name,
        to_operator=body.operator,
        to_team=body.team,
        force=forced(operator, body.force),
        supervises=supervises(operator),
        note=body.note,
    )


async def _close(request: Request, ownership: Ownership, operator: Operator, conversation_id: str) -> Done:
    return await ownership.close(conversation_id, by=operator.name, force=supervises(operator))


async def _resolve(request: Request, ownership: Ownership, operator: Operator, conversation_id: str) -> Done:
    return await ownership.resolve(conversation_id, by=operator.name, force=supervises(operator))


async def _reopen(request: Request, ownership: Ownership, operator: Operator, conversation_id: str) -> Done:
    return await ownership.reopen(conversation_id, by=operator.name, force=supervises(operator))


async def _snooze(request: Request, ownership: Ownership, operator: Operator, conversation_id: str) -> Done:
    body: bodies.SnoozeBody = body_of(request, bodies.SnoozeBody)
    until = body.until
    if (until is None) == (body.minutes is None):
        raise BadInput("Say `until` when, or for how many `minutes`.")
    if until is None:
        until = request.app.ctx.baton.clock.now() + timedelta(minutes=body.minutes or 0)
    return await ownership.snooze(conversation_id, by=operator.name, until=until)


async def _request(request: Request, ownership: Ownership, operator: Operator, conversation_id: str) -> Done:
    """Asks for a person in the customer's place."""
    body: bodies.RequestBody = body_of(request, bodies.RequestBody)
    return await ownership.request(
        conversation_id, by=operator.name, reason=body.reason, priority=body.priority, team=body.team
    )


async def _cancel(request: Request, ownership: Ownership, operator: Operator, conversation_id: str) -> Done:
    return await ownership.cancel(conversation_id, by=operator.name)


def forced(operator: Operator, wanted: bool) -> bool:
    """`force`, where it is asked for: a supervisor's."""
    if wanted:
        need(operator, Role.SUPERVISOR)
    return wanted


ORDERS: dict[str, Order] = {
    "take": _take,
    "reply": _reply,
    "release": _release,
    "transfer": _transfer,
    "close": _close,
    "resolve": _resolve,
    "reopen": _reopen,
    "snooze": _snooze,
    "request": _request,
    "cancel": _cancel,
}
