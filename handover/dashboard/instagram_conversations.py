"""/instagram/conversations/ and /instagram/messages/: what was said on Instagram, as two generations of pages ask."""

from __future__ import annotations

from typing import Any

import msgspec
from sanic import Blueprint
from sanic.request import Request

from conversation.conversation import Conversation
from handover.auth import language
from handover.dashboard import direct, envelope
from handover.dashboard.direct import Said
from handover.dashboard.door import route
from handover.dashboard.instagram_accounts import CHANNEL
from handover.dashboard.media_links import links_of
from handover.dashboard.objects import instagram
from handover.dashboard.spelled import spelled
from store.operators import Operator, Role

ONE = "/instagram/conversations/<conversation_id:str>/"


class TalksQuery(msgspec.Struct):
    """`account`, or `account_id`: of one account. These pages do not turn pages: they are given the most at once."""

    account: str | None = None
    account_id: str | None = None
    page: envelope.PageNumber = 1
    page_size: envelope.PageSize = envelope.MOST


class MessagesQuery(msgspec.Struct):
    """The first page holds the newest."""

    page: envelope.PageNumber = 1
    page_size: envelope.PageSize = envelope.MOST


class SeedMessagesQuery(MessagesQuery, kw_only=True):
    conversation_id: str


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/instagram/conversations/", role=Role.OPERATOR, query=TalksQuery)
    async def dash_list_instagram_talks(request: Request, operator: Operator, query: TalksQuery) -> dict[str, Any]:
        """Conversations on Instagram, the latest first."""
        found, count = await direct.lines(
            request,
            operator,
            CHANNEL,
            query.account or query.account_id,
            offset=(query.page - 1) * query.page_size,
            limit=query.page_size,
        )
        links = links_of(request)
        shown = [instagram.conversation_json(each, links) for each in found]
        return envelope.of_page(request, shown, count=count, page=query.page, size=query.page_size)

    @route(blueprint, "GET", ONE, role=Role.OPERATOR)
    async def dash_show_instagram_talk(request: Request, operator: Operator, conversation_id: str) -> dict[str, Any]:
        """One of them."""
        return await _shown(request, await direct.conversation_of(request, operator, CHANNEL, conversation_id))

    @spelled(blueprint, ("POST",), (f"{ONE}mark_as_read/", f"{ONE}mark_read/"), role=Role.OPERATOR)
    async def dash_read_instagram_talk(request: Request, operator: Operator, conversation_id: str) -> dict[str, Any]:
        """Somebody has looked at it. The customer is not told by this."""
        conversation = await direct.conversation_of(request, operator, CHANNEL, conversation_id)
        await direct.mark_read(request, conversation)
        return await _shown(request, conversation)

    @route(blueprint, "GET", f"{ONE}messages/", role=Role.OPERATOR, query=MessagesQuery)
    async def dash_list_instagram_messages(
        request: Request, operator: Operator, query: MessagesQuery, conversation_id: str
    ) -> dict[str, Any]:
        """What was said in it, the oldest first."""
        found = await _said(request, operator, conversation_id, query)
        return _page(request, query, found, messages_json(request, found, seed=False)[::-1])

    @route(blueprint, "GET", "/instagram/messages/", role=Role.OPERATOR, query=SeedMessagesQuery)
    async def dash_list_seed_instagram_messages(
        request: Request, operator: Operator, query: SeedMessagesQuery
    ) -> dict[str, Any]:
        """The same, the newest first."""
        found = await _said(request, operator, query.conversation_id, query)
        return _page(request, query, found, messages_json(request, found, seed=True))


def messages_json(request: Request, found: Said, *, seed: bool) -> list[dict[str, Any]]:
    talk = found.line.conversation
    return instagram.messages_json(found.messages, found.files, talk, links_of(request), language(request), seed=seed)


async def _said(request: Request, operator: Operator, conversation_id: str, query: MessagesQuery) -> Said:
    conversation = await direct.conversation_of(request, operator, CHANNEL, conversation_id)
    return await direct.said(request, conversation, offset=(query.page - 1) * query.page_size, limit=query.page_size)


def _page(request: Request, query: MessagesQuery, found: Said, shown: list[dict[str, Any]]) -> dict[str, Any]:
    return envelope.of_page(request, shown, count=found.count, page=query.page, size=query.page_size)


async def _shown(request: Request, conversation: Conversation) -> dict[str, Any]:
    return instagram.conversation_json(await direct.line_of(request, conversation.id), links_of(request))
