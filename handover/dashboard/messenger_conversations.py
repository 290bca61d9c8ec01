"""/messenger/conversations/ and /messaging/messenger/conversations/: what was said on Messenger, and what is sent. The
seed's lists are bare arrays, and hold a conversation's last message as a text."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from conversation.conversation import Conversation
from conversation.outbound import Choice, Outbound
from handover.auth import answer, language
from handover.dashboard import direct, envelope
from handover.dashboard.direct import Said
from handover.dashboard.direct_sends import Text, no_addresses
from handover.dashboard.door import route
from handover.dashboard.media_links import links_of
from handover.dashboard.messenger_accounts import CHANNEL, GENERATIONS, Generation
from handover.dashboard.objects import messenger
from handover.dashboard.spelled import spelled
from store.operators import Operator, Role

_Skipped = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class TalksQuery(msgspec.Struct):
    """`account`, or `account_id`: of one account."""

    account: str | None = None
    account_id: str | None = None
    limit: envelope.PageSize = envelope.MOST
    offset: _Skipped = 0


class MessagesQuery(msgspec.Struct):
    """`offset`: so many of the newest are left out."""

    limit: envelope.PageSize = envelope.MOST
    offset: _Skipped = 0


class QuickReply(msgspec.Struct):
    """What is chosen comes back as if the customer had written its title."""

    title: Annotated[str, msgspec.Meta(min_length=1, max_length=72)]


class SendBody(msgspec.Struct):
    """Whatever `message_type` says, it is a text."""

    content: Text = ""
    attachments: list[Any] | None = None
    quick_replies: list[QuickReply] | None = None


def register(blueprint: Blueprint) -> None:
    for generation in GENERATIONS:
        _register(blueprint, generation)


def _register(blueprint: Blueprint, generation: Generation) -> None:
    talks = f"{generation.prefix}/conversations/"
    one = f"{talks}<conversation_id:str>/"

    @generation.named
    async def dash_list_messenger_talks(request: Request, operator: Operator, query: TalksQuery) -> Any:
        """Conversations on Messenger, the latest first."""
        account = query.account or query.account_id
        found, count = await direct.lines(request, operator, CHANNEL, account, offset=query.offset, limit=query.limit)
        links = links_of(request)
        shown = [messenger.conversation_json(each, links, seed=generation.is_seed) for each in found]
        return generation.listed(shown, count)

    @generation.named
    async def dash_show_messenger_talk(request: Request, operator: Operator, conversation_id: str) -> dict[str, Any]:
        """One of them."""
        conversation = await direct.conversation_of(request, operator, CHANNEL, conversation_id)
        return await _shown(request, conversation, generation)

    @generation.named
    async def dash_list_messenger_messages(
        request: Request, operator: Operator, query: MessagesQuery, conversation_id: str
    ) -> Any:
        """What was said in it, the oldest first."""
        conversation = await direct.conversation_of(request, operator, CHANNEL, conversation_id)
        found = await direct.said(request, conversation, offset=query.offset, limit=query.limit)
        return generation.listed(_messages_json(request, found, generation)[::-1], found.count)

    @generation.named
    async def dash_send_messenger(
        request: Request, operator: Operator, body: SendBody, conversation_id: str
    ) -> HTTPResponse:
        """Writes to the customer. Takes the conversation first where nobody has it."""
        conversation = await direct.conversation_of(request, operator, CHANNEL, conversation_id)
        no_addresses(body.attachments)
        choices = tuple(Choice(title=each.title) for each in body.quick_replies or ())
        found = await direct.send(request, operator, conversation, Outbound(text=body.content, choices=choices), body)
        return answer(_messages_json(request, found, generation)[0], 201)

    @generation.named
    async def dash_read_messenger_talk(request: Request, operator: Operator, conversation_id: str) -> dict[str, Any]:
        """Somebody has looked at it. The customer is not told by this."""
        conversation = await direct.conversation_of(request, operator, CHANNEL, conversation_id)
        await direct.mark_read(request, conversation)
        return await _shown(request, conversation, generation)

    common: dict[str, Any] = {"role": Role.OPERATOR}
    route(blueprint, "GET", talks, query=TalksQuery, **common)(dash_list_messenger_talks)
    route(blueprint, "GET", one, **common)(dash_show_messenger_talk)
    route(blueprint, "GET", f"{one}messages/", query=MessagesQuery, **common)(dash_list_messenger_messages)
    sends = (f"{one}send-message/", f"{one}send_message/")
    spelled(blueprint, ("POST",), sends, body=SendBody, once=True, **common)(dash_send_messenger)
    reads = (f"{one}mark-read/", f"{one}mark_read/", f"{one}mark_as_read/")
    spelled(blueprint, ("POST",), reads, **common)(dash_read_messenger_talk)


def _messages_json(request: Request, found: Said, generation: Generation) -> list[dict[str, Any]]:
    return messenger.messages_json(
        found.messages, found.files, found.line, links_of(request), language(request), seed=generation.is_seed
    )


async def _shown(request: Request, conversation: Conversation, generation: Generation) -> dict[str, Any]:
    line = await direct.line_of(request, conversation.id)
    return messenger.conversation_json(line, links_of(request), seed=generation.is_seed)
