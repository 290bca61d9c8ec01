"""What a page sends to Instagram: messages, and the signs that somebody writes or has read."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from conversation.conversation import Conversation
from conversation.outbound import Outbound
from handover.auth import answer
from handover.dashboard import direct
from handover.dashboard.direct_sends import Text, no_addresses
from handover.dashboard.door import route
from handover.dashboard.instagram_accounts import CHANNEL
from handover.dashboard.instagram_conversations import ONE, messages_json
from handover.dashboard.spelled import spelled
from store.operators import Operator, Role

_Id = Annotated[str, msgspec.Meta(max_length=64)]


class SendBody(msgspec.Struct):
    """`reply_to`: the id of the message that is answered. Whatever `message_type` says, it is a text."""

    content: Text = ""
    media_url: str | None = None
    reply_to: _Id | None = None


class SeedSendBody(msgspec.Struct):
    """`recipient_id`: the customer, as Instagram calls them."""

    account_id: _Id
    recipient_id: _Id
    text: Text = ""
    media_url: str | None = None


class SignBody(msgspec.Struct):
    """`sender_id`, or `recipient_id`: the customer, as Instagram calls them."""

    account_id: _Id
    recipient_id: _Id = ""
    sender_id: _Id = ""


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "POST", f"{ONE}send_message/", role=Role.OPERATOR, body=SendBody, once=True)
    async def dash_send_instagram(
        request: Request, operator: Operator, body: SendBody, conversation_id: str
    ) -> HTTPResponse:
        """Writes to the customer. Takes the conversation first where nobody has it."""
        conversation = await direct.conversation_of(request, operator, CHANNEL, conversation_id)
        no_addresses(body.media_url)
        quotes = direct.number_of(body.reply_to) if body.reply_to else None
        outbound = Outbound(text=body.content, quotes=quotes)
        found = await direct.send(request, operator, conversation, outbound, body)
        return answer(messages_json(request, found, seed=False)[0], 201)

    @spelled(
        blueprint,
        ("POST",),
        ("/instagram/send-message/", "/instagram/messages/"),
        role=Role.OPERATOR,
        body=SeedSendBody,
        once=True,
    )
    async def dash_send_seed_instagram(request: Request, operator: Operator, body: SeedSendBody) -> HTTPResponse:
        """The same, by whom it is to."""
        conversation = await direct.conversation_with(request, operator, CHANNEL, body.account_id, body.recipient_id)
        no_addresses(body.media_url)
        found = await direct.send(request, operator, conversation, Outbound(text=body.text), body)
        return answer(messages_json(request, found, seed=True)[0], 201)

    @spelled(
        blueprint,
        ("POST",),
        ("/instagram/typing/", "/instagram/messages/typing/"),
        role=Role.OPERATOR,
        body=SignBody,
    )
    async def dash_show_instagram_typing(request: Request, operator: Operator, body: SignBody) -> dict[str, Any]:
        """Shows the customer that their person writes; from who has the conversation not, nothing is shown."""
        conversation = await _meant(request, operator, body)
        return {"success": True, "asked": await direct.show(request, operator, conversation, typing=True)}

    @spelled(
        blueprint,
        ("POST",),
        ("/instagram/mark-seen/", "/instagram/messages/mark_seen/"),
        role=Role.OPERATOR,
        body=SignBody,
    )
    async def dash_show_instagram_seen(request: Request, operator: Operator, body: SignBody) -> dict[str, Any]:
        """Nothing is unread any more; the customer is shown so where their person reads it."""
        conversation = await _meant(request, operator, body)
        await direct.mark_read(request, conversation)
        return {"success": True, "asked": await direct.show(request, operator, conversation, typing=False)}


async def _meant(request: Request, operator: Operator, body: SignBody) -> Conversation:
    who = body.sender_id or body.recipient_id
    return await direct.conversation_with(request, operator, CHANNEL, body.account_id, who)
