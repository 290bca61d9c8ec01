"""Who answers from now on, and whether it is done with, as a dashboard's buttons order it.

A button is clicked twice, or by two people at once: where what is wanted holds already, that is no error.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sanic.request import Request

from conversation.conversation import Conversation, HandoverState, Status
from conversation.errors import Refused
from handover.auth import supervises, visible
from runtime.ownership import Done
from store import conversations
from store.operators import Operator

Holds = Callable[[Conversation], bool]


async def to_human(
    request: Request, operator: Operator, conversation_id: str, whose: str | None = None
) -> Conversation:
    """It is theirs, unless a person has it already; `whose`: it is to be this person's, in any case."""
    await visible(request, operator, conversation_id)
    ownership, by, over_others = request.app.ctx.baton.ownership, operator.name, supervises(operator)
    if whose is None:
        return await _wanted(request, conversation_id, ownership.take(conversation_id, by=by), _a_person_has_it)
    if whose == by:
        order = ownership.take(conversation_id, by=by, force=over_others)
    else:
        order = ownership.transfer(conversation_id, by=by, to_operator=whose, supervises=over_others)
    return await _wanted(request, conversation_id, order, lambda now: now.owner == whose)


async def to_bot(request: Request, operator: Operator, conversation_id: str) -> Conversation:
    """To the assistant; where none may speak, it waits for a person."""
    await visible(request, operator, conversation_id)
    giving_back = request.app.ctx.baton.ownership.release(conversation_id, by=operator.name, force=supervises(operator))
    return await _wanted(request, conversation_id, giving_back, lambda now: now.state is HandoverState.BOT)


async def resolve(request: Request, operator: Operator, conversation_id: str) -> None:
    await _ordered(request, operator, conversation_id, "resolve", Status.RESOLVED, Status.CLOSED)


async def close(request: Request, operator: Operator, conversation_id: str) -> None:
    await _ordered(request, operator, conversation_id, "close", Status.CLOSED)


async def reopen(request: Request, operator: Operator, conversation_id: str) -> None:
    await _ordered(request, operator, conversation_id, "reopen", Status.OPEN)


async def _ordered(request: Request, operator: Operator, conversation_id: str, order: str, *wanted: Status) -> None:
    await visible(request, operator, conversation_id)
    command = getattr(request.app.ctx.baton.ownership, order)
    done = command(conversation_id, by=operator.name, force=supervises(operator))
    await _wanted(request, conversation_id, done, lambda now: now.status in wanted)


async def _wanted(request: Request, conversation_id: str, order: Awaitable[Done], holds: Holds) -> Conversation:
    """Carries the order out; refused, it is refused only where things do not stand as it wants them."""
    try:
        return (await order).conversation
    except Refused:
        now: Conversation = await request.app.ctx.baton.db.read(conversations.get, conversation_id)
        if not holds(now):
            raise
        return now


def _a_person_has_it(now: Conversation) -> bool:
    return now.state is HandoverState.HUMAN
