"""/api/v1/conversations/{id}/take, reply, release, …: an operator's commands, and where a conversation stands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from sanic import Blueprint
from sanic.request import Request

from conversation.errors import BadInput
from conversation.said import say
from handover import bodies, once
from handover.auth import need, route, supervises, visible
from handover.schemas import done_json, entry_json, handover_json
from handover.shapes import handovers as shapes
from handover.shapes.page import Items
from runtime.ownership import Done, Ownership
from store import handovers, listing, outbox
from store.operators import Operator, Role

Order = Callable[..., Awaitable[Done]]


def register(blueprint: Blueprint) -> None:
    for name, (order, body) in ORDERS.items():
        _register(blueprint, name, order, body)

    @route(
        blueprint, "GET", "/conversations/<conversation_id:str>/handover", role=Role.OPERATOR, answers=shapes.Handover
    )
    async def show_handover(request: Request, operator: Operator, conversation_id: str) -> shapes.Handover:
        """Who answers now, who waits for whom, and what changes it next."""
        await visible(request, operator, conversation_id)
        house = request.app.ctx.baton
        line = await house.db.read(listing.one, conversation_id, house.clock.now())
        return handover_json(line, await house.db.read(outbox.in_flight, conversation_id=conversation_id))

    @route(
        blueprint,
        "GET",
        "/conversations/<conversation_id:str>/log",
        role=Role.OPERATOR,
        answers=Items[shapes.LogEntry],
    )
    async def list_log(request: Request, operator: Operator, conversation_id: str) -> dict[str, Any]:
        """Every change of who answers, the oldest first: who, when, from, to, why."""
        await visible(request, operator, conversation_id)
        found = await request.app.ctx.baton.db.read(handovers.log_of, conversation_id)
        return {"items": [entry_json(each) for each in found]}


def _register(blueprint: Blueprint, name: str, order: Order, body_type: Any) -> None:
    async def command(request: Request, operator: Operator, conversation_id: str, **given: Any) -> shapes.Done:
        await visible(request, operator, conversation_id)
        return done_json(await order(request, request.app.ctx.baton.ownership, operator, conversation_id, **given))

    command.__name__, command.__doc__ = name, order.__doc__
    route(
        blueprint,
        "POST",
        f"/conversations/<conversation_id:str>/{name}",
        role=Role.OPERATOR,
        body=body_type,
        answers=shapes.Done,
        refusals=(403, 409),
        once=name == "reply",
    )(command)


async def _take(
    request: Request, ownership: Ownership, operator: Operator, conversation_id: str, body: bodies.TakeBody
) -> Done:
    """Takes the conversation: the assistant is silent from then on.

    With `in_flight` 0, no request of the assistant's reaches Meta after this answer.
    """
    force = forced(operator, body.force)
    return await ownership.take(conversation_id, by=operator.name, ownership=body.ownership, force=force)


async def _reply(
    request: Request, ownership: Ownership, operator: Operator, conversation_id: str, body: bodies.ReplyBody
) -> Done:
    """Writes to the customer. Takes the conversation first where nobody has it."""
    return await ownership.reply(
        conversation_id,
        body.text,
        by=operator.name,
        ownership=body.ownership,
        media=body.media,
        comment=body.comment,
        once=once.asked(request, operator, conversation_id, body),
    )


async def _release(
    request: Request, ownership: Ownership, operator: Operator, conversation_id: str, body: bodies.ReleaseBody
) -> Done:
    """Gives the conversation back to the assistant."""
    force = supervises(operator)
    return await ownership.release(conversation_id, by=operator.name, force=force, answer_last=body.answer_last)


async def _transfer(
    request: Request, ownership: Ownership, operator: Operator, conversation_id: str, body: bodies.TransferBody
) -> Done:
    """Gives it to somebody else, or to a team's queue."""
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
    """Closes it. What the customer writes next opens it again."""
    return await ownership.close(conversation_id, by=operator.name, force=supervises(operator))


async def _resolve(request: Request, ownership: Ownership, operator: Operator, conversation_id: str) -> Done:
    """Closes it as done, and asks the customer what they thought of it where the account wants that."""
    return await ownership.resolve(conversation_id, by=operator.name, force=supervises(operator))


async def _reopen(request: Request, ownership: Ownership, operator: Operator, conversation_id: str) -> Done:
    """Opens what was closed or resolved."""
    return await ownership.reopen(conversation_id, by=operator.name, force=supervises(operator))


async def _snooze(
    request: Request, ownership: Ownership, operator: Operator, conversation_id: str, body: bodies.SnoozeBody
) -> Done:
    """Sets it aside until a moment, or until the customer writes."""
    until = body.until
    if (until is None) == (body.minutes is None):
        raise BadInput(say("Say `until` when, or for how many `minutes`."))
    if until is None:
        until = request.app.ctx.baton.clock.now() + timedelta(minutes=body.minutes or 0)
    return await ownership.snooze(conversation_id, by=operator.name, until=until)


async def _request(
    request: Request, ownership: Ownership, operator: Operator, conversation_id: str, body: bodies.RequestBody
) -> Done:
    """Asks for a person in the customer's place."""
    return await ownership.request(
        conversation_id, by=operator.name, reason=body.reason, priority=body.priority, team=body.team
    )


async def _cancel(request: Request, ownership: Ownership, operator: Operator, conversation_id: str) -> Done:
    """Takes the wish for a person back, in the customer's place."""
    return await ownership.cancel(conversation_id, by=operator.name)


def forced(operator: Operator, wanted: bool) -> bool:
    """`force`, where it is asked for: a supervisor's."""
    if wanted:
        need(operator, Role.SUPERVISOR)
    return wanted


#: Each command with what it is told.
ORDERS: dict[str, tuple[Order, Any]] = {
    "take": (_take, bodies.TakeBody),
    "reply": (_reply, bodies.ReplyBody),
    "release": (_release, bodies.ReleaseBody),
    "transfer": (_transfer, bodies.TransferBody),
    "close": (_close, None),
    "resolve": (_resolve, None),
    "reopen": (_reopen, None),
    "snooze": (_snooze, bodies.SnoozeBody),
    "request": (_request, bodies.RequestBody),
    "cancel": (_cancel, None),
}
