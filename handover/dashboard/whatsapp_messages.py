"""/api/v1/whatsapp/messages/: what was said on an account, what became of it, and that it was read."""

from __future__ import annotations

import zoneinfo
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Union

import msgspec
from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection

from conversation.account import Account, Channel
from conversation.errors import NotFound
from conversation.message import Direction, Message
from conversation.said import say
from handover.auth import language, theirs, visible, visible_account
from handover.conversations import SEARCHES
from handover.dashboard import direct, envelope, reaching
from handover.dashboard.door import route
from handover.dashboard.envelope import PageNumber, PageSize
from handover.dashboard.media_links import Links, links_of
from handover.dashboard.objects.message import messages_json, status_of
from handover.dashboard.whatsapp_sends import MESSAGES
from handover.statistics import When, moment
from store import conversations, deeds, message_list, messages, searching
from store.message_list import Wanted
from store.operators import Operator, Role

_USUAL = timedelta(days=30)
Number = Annotated[str, msgspec.Meta(max_length=200)]


class MessagesQuery(msgspec.Struct):
    """`limit`: as `page_size`. Dates by the account's clock."""

    account: str = ""
    phone_number: Number = ""
    direction: Literal["", "inbound", "outbound"] = ""
    created_after: When = ""
    created_before: When = ""
    search: str = ""
    ordering: str = "-created_at"
    limit: Union[PageSize, None] = None
    page: PageNumber = 1
    page_size: PageSize = 100


class Span(msgspec.Struct):
    """Dates by the account's clock, from the beginning of the one to the end of the other; or instants."""

    account_id: str
    start_date: Union[When, None] = None
    end_date: Union[When, None] = None


class HistoryBody(msgspec.Struct):
    account_id: str
    phone_number: Number
    limit: PageSize = 100


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", f"{MESSAGES}/", role=Role.OPERATOR, query=MessagesQuery)
    async def dash_list_messages(request: Request, operator: Operator, query: MessagesQuery) -> dict[str, Any]:
        """Of an account, or of one customer of its, the newest first."""
        house, size = request.app.ctx.baton, query.limit or query.page_size
        wanted = await _wanted(request, operator, query)
        if wanted is None:
            return envelope.of_all([])
        if wanted.search is not None:
            await house.limits.take(f"search:{operator.name}", rate=SEARCHES)
        shown = (links_of(request), language(request))
        results, count = await house.db.read(_page, wanted, query, size, *shown)
        return envelope.of_page(request, results, count=count, page=query.page, size=size)

    @route(blueprint, "POST", f"{MESSAGES}/conversation_history/", role=Role.OPERATOR, body=HistoryBody)
    async def dash_show_history(request: Request, operator: Operator, body: HistoryBody) -> dict[str, Any]:
        """The last messages with one customer, the oldest first."""
        query = MessagesQuery(account=body.account_id, phone_number=body.phone_number, limit=body.limit)
        wanted = await _wanted(request, operator, query)
        if wanted is None:
            return envelope.of_all([])
        shown = (links_of(request), language(request))
        results, _ = await request.app.ctx.baton.db.read(_page, wanted, query, body.limit, *shown)
        return envelope.of_all(results[::-1])

    @route(blueprint, "GET", f"{MESSAGES}/stats/", role=Role.OPERATOR, query=Span)
    async def dash_show_message_stats(request: Request, operator: Operator, query: Span) -> dict[str, Any]:
        """How many there were, and what became of those we sent."""
        return await _stats(request, operator, query)

    @route(blueprint, "POST", f"{MESSAGES}/stats/", role=Role.OPERATOR, body=Span)
    async def dash_ask_message_stats(request: Request, operator: Operator, body: Span) -> dict[str, Any]:
        """How many there were, and what became of those we sent."""
        return await _stats(request, operator, body)

    @route(blueprint, "POST", f"{MESSAGES}/<message_id:str>/mark_as_read/", role=Role.OPERATOR)
    async def dash_mark_message_as_read(request: Request, operator: Operator, message_id: str) -> dict[str, Any]:
        """Somebody has looked at it, and at what came before it."""
        house, unknown = request.app.ctx.baton, NotFound(say("There is no message {message}.", message=message_id))
        message: Message | None = await house.db.read(messages.find, direct.number_of(message_id))
        if message is None:
            raise unknown
        try:
            conversation = await visible(request, operator, message.conversation_id)
        except NotFound as error:
            raise unknown from error
        deeds.concerns(conversation.id)
        if conversation.unread:
            await house.db.write(conversations.change, conversation.id, unread=0)
        shown = ([message], links_of(request), language(request))
        made: list[dict[str, Any]] = await house.db.read(messages_json, *shown)
        return made[0]


def _page(
    tx: Connection, wanted: Wanted, query: MessagesQuery, size: int, links: Links, language: str
) -> tuple[list[dict[str, Any]], int]:
    """The page, and how many there are in all: counted only where the page does not say it."""
    before = (query.page - 1) * size
    oldest_first = not query.ordering.startswith("-")
    found = message_list.page(tx, wanted, oldest_first=oldest_first, offset=before, limit=size + 1)
    is_last = len(found) <= size and (found or not before)
    count = before + len(found) if is_last else message_list.count(tx, wanted)
    return messages_json(tx, found[:size], links, language), count


async def _wanted(request: Request, operator: Operator, query: MessagesQuery) -> Wanted | None:
    """None: nobody has that number. Without an account: of all on WhatsApp that are theirs."""
    account = await visible_account(request, operator, query.account) if query.account else None
    here = None
    if query.phone_number:
        if account is None:
            return None
        here = await request.app.ctx.baton.db.read(reaching.conversation_with, account.id, query.phone_number)
        if here is None:
            return None
    zone = _zone(account)
    search = " ".join(query.search.split())[: searching.LONGEST]
    after, before = query.created_after, query.created_before
    return Wanted(
        account_ids=theirs(operator),
        account=account.id if account else None,
        channel=None if account else Channel.WHATSAPP,
        conversation=here,
        direction=Direction(query.direction) if query.direction else None,
        since=moment("created_after", after, zone, ends=False) if after else None,
        until=moment("created_before", before, zone, ends=True) if before else None,
        search=search if len(search) >= searching.LEAST else None,
    )


async def _stats(request: Request, operator: Operator, span: Span) -> dict[str, Any]:
    account = await visible_account(request, operator, span.account_id)
    house, zone = request.app.ctx.baton, _zone(account)
    until: datetime = house.clock.now()
    if span.end_date:
        until = moment("end_date", span.end_date, zone, ends=True)
    since = moment("start_date", span.start_date, zone, ends=False) if span.start_date else until - _USUAL
    found = await house.db.read(message_list.by_status, Wanted(account=account.id, since=since, until=until))
    by_status = dict.fromkeys(("pending", "sent", "delivered", "read", "failed", "received"), 0)
    by_direction = dict.fromkeys((Direction.INBOUND, Direction.OUTBOUND), 0)
    for (direction, status), count in found.items():
        by_status[status_of(status)] += count
        by_direction[direction] += count
    inbound, outbound = by_direction.values()
    # Older pages count without `by_status`, and each as far as it got: what was read was sent and delivered too.
    read = by_status["read"]
    delivered = by_status["delivered"] + read
    reached = {"sent": by_status["sent"] + delivered, "delivered": delivered, "read": read}
    totals = {"total": inbound + outbound, "inbound": inbound, "outbound": outbound}
    return {**totals, "by_status": by_status, **reached, "failed": by_status["failed"]}


def _zone(account: Account | None) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(account.handover.time_zone if account else "UTC")
