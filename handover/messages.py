"""/api/v1/conversations/{id}/messages: what was said, by whom, and why the assistant was silent; and what is sent."""

from __future__ import annotations

from typing import Annotated

import msgspec
from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection

from conversation.errors import BadInput, NotFound
from conversation.said import say
from handover import once
from handover.auth import language, route, visible
from handover.queries import Limit
from handover.schemas import done_json
from handover.sends import MessageBody, outbound_of
from handover.shapes.handovers import Done
from handover.shapes.messages import Message
from handover.shapes.page import Page
from handover.transcript import messages_json
from store import context, conversations, messages
from store.operators import Operator, Role

#: What was fetched from a channel's memory has numbers below zero.
MessageId = Annotated[int, msgspec.Meta(ge=-(2**63) + 1, le=2**63 - 1)]


class HistoryQuery(msgspec.Struct):
    """Those next to a message, after it or before it; without either, from the beginning."""

    after: MessageId | None = None
    before: MessageId | None = None
    limit: Limit = 100


def register(blueprint: Blueprint) -> None:
    @route(
        blueprint,
        "GET",
        "/conversations/<conversation_id:str>/messages",
        role=Role.OPERATOR,
        query=HistoryQuery,
        answers=Page[Message],
    )
    async def list_messages(
        request: Request, operator: Operator, conversation_id: str, query: HistoryQuery
    ) -> Page[Message]:
        """What was said, the oldest first.

        `next` goes on in the direction that was asked for: as `before` where that was given, else as `after`.
        """
        if query.after is not None and query.before is not None:
            raise BadInput(say("Ask for those after a message, or for those before one."))
        await visible(request, operator, conversation_id)
        found: Page[Message] = await request.app.ctx.baton.db.read(_page, conversation_id, query, language(request))
        return found

    @route(blueprint, "GET", "/messages/<message_id:int>", role=Role.OPERATOR, answers=Message)
    async def show_message(request: Request, operator: Operator, message_id: int) -> Message:
        """One message, with what became of it."""
        shown: Message = await request.app.ctx.baton.db.read(_one, operator, message_id, language(request))
        return shown

    @route(
        blueprint,
        "POST",
        "/conversations/<conversation_id:str>/messages",
        role=Role.OPERATOR,
        body=MessageBody,
        answers=Done,
        refusals=(409,),
        once=True,
    )
    async def send_message(request: Request, operator: Operator, conversation_id: str, body: MessageBody) -> Done:
        """Sends to the customer. Takes the conversation first where nobody has it.

        What became of it is told by its messages. Under an `Idempotency-Key` it is sent once, however often it is asked
        for within 48 hours; `in_flight` is then what it is now. What was refused was not sent, and may be asked again.
        """
        conversation = await visible(request, operator, conversation_id)
        done = await request.app.ctx.baton.ownership.send(
            conversation.id,
            outbound_of(body),
            by=operator.name,
            ownership=body.ownership,
            once=once.asked(request, operator, conversation.id, body),
        )
        return done_json(done)


def _page(tx: Connection, conversation_id: str, query: HistoryQuery, language: str) -> Page[Message]:
    if query.before is not None:
        found = context.last_messages(tx, conversation_id, before=query.before, limit=query.limit + 1)
        shown = found[-query.limit :]
        next_ = shown[0].id if len(found) > len(shown) else None
    else:
        found = messages.of_conversation(tx, conversation_id, after=query.after, limit=query.limit + 1)
        shown = found[: query.limit]
        next_ = shown[-1].id if len(found) > len(shown) else None
    return Page(items=messages_json(tx, shown, language), next=None if next_ is None else str(next_))


def _one(tx: Connection, operator: Operator, message_id: int, language: str) -> Message:
    """One in a conversation that is not theirs is not there."""
    found = messages.find(tx, message_id)
    if found is None or not operator.may_see(conversations.get(tx, found.conversation_id).account_id):
        raise NotFound(say("There is no message {message}.", message=message_id))
    (shown,) = messages_json(tx, [found], language)
    return shown
