"""/api/v1/conversations/: the WhatsApp inbox; and one conversation of any channel, with what its buttons do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Union

import msgspec
from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection

from conversation.account import Account, Channel
from conversation.conversation import HandoverState, Status
from handover.auth import language, theirs, visible, visible_account
from handover.conversations import SEARCHES
from handover.dashboard import envelope, switching
from handover.dashboard.door import route
from handover.dashboard.envelope import PageNumber, PageSize
from handover.dashboard.media_links import Links, links_of
from handover.dashboard.objects import standing
from handover.dashboard.objects.conversation import conversation_json
from handover.dashboard.objects.message import messages_json
from handover.messages import MessageId
from handover.queries import Limit
from store import context, conversations, listing, searching
from store.listing import Line, Wanted
from store.operators import Operator, Role

THIS = "/conversations/<conversation_id:str>"
Order = Callable[[Request, Operator, str], Awaitable[Any]]


class InboxQuery(msgspec.Struct):
    """Older pages ask for no page: they show all they are given. `search`: in names, numbers, and what was said."""

    page: PageNumber = 1
    page_size: PageSize = envelope.MOST
    search: str = ""
    account: str = ""


class MessagesQuery(msgspec.Struct):
    """`before_id`: of the oldest that is shown."""

    limit: Limit = 100
    before_id: MessageId | None = None


class StatsQuery(msgspec.Struct):
    account_id: str


class ToHumanBody(msgspec.Struct):
    """`agent_id`: whom it is given to; without it, who asks."""

    agent_id: Union[Annotated[str, msgspec.Meta(max_length=120)], int, None] = None


class AssignBody(msgspec.Struct):
    agent_id: Union[Annotated[str, msgspec.Meta(min_length=1, max_length=120)], int]


def register(blueprint: Blueprint) -> None:
    _register_lists(blueprint)
    for name, order in _BUTTONS.items():
        _register_button(blueprint, name, order)

    @route(blueprint, "POST", f"{THIS}/switch_to_human/", role=Role.OPERATOR, body=ToHumanBody)
    async def dash_switch_to_human(
        request: Request, operator: Operator, body: ToHumanBody, conversation_id: str
    ) -> dict[str, Any]:
        """A person has it from now on; the assistant is silent."""
        whose = str(body.agent_id) if body.agent_id not in (None, "") else None
        await switching.to_human(request, operator, conversation_id, whose)
        return await shown(request, conversation_id)

    @route(blueprint, "POST", f"{THIS}/assign_agent/", role=Role.OPERATOR, body=AssignBody)
    async def dash_assign_conversation(
        request: Request, operator: Operator, body: AssignBody, conversation_id: str
    ) -> dict[str, Any]:
        """It is theirs whom the page names."""
        await switching.to_human(request, operator, conversation_id, str(body.agent_id))
        return await shown(request, conversation_id)

    @route(blueprint, "POST", f"{THIS}/mark_as_read/", role=Role.OPERATOR)
    async def dash_mark_conversation_as_read(
        request: Request, operator: Operator, conversation_id: str
    ) -> dict[str, Any]:
        """Nothing of it is unread any more."""
        conversation = await visible(request, operator, conversation_id)
        if conversation.unread:
            await request.app.ctx.baton.db.write(conversations.change, conversation.id, unread=0)
        return await shown(request, conversation_id)


async def shown(request: Request, conversation_id: str) -> dict[str, Any]:
    """The conversation as it stands now."""
    house = request.app.ctx.baton
    line: Line = await house.db.read(listing.one, conversation_id, house.clock.now())
    return conversation_json(line, links_of(request))


def _register_lists(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/conversations/", role=Role.OPERATOR, query=InboxQuery)
    async def dash_list_conversations(request: Request, operator: Operator, query: InboxQuery) -> dict[str, Any]:
        """Those on WhatsApp, the latest first."""
        house, wanted = request.app.ctx.baton, await _wanted(request, operator, query)
        if wanted.search is not None:
            await house.limits.take(f"search:{operator.name}", rate=SEARCHES)
        found, count = await house.db.read(_page, wanted, house.clock.now(), query)
        links = links_of(request)
        results = [conversation_json(line, links) for line in found]
        return envelope.of_page(request, results, count=count, page=query.page, size=query.page_size)

    @route(blueprint, "GET", "/conversations/stats/", role=Role.OPERATOR, query=StatsQuery)
    async def dash_count_conversations(request: Request, operator: Operator, query: StatsQuery) -> dict[str, Any]:
        """How many an account has, by where they stand."""
        account = await visible_account(request, operator, query.account_id)
        house = request.app.ctx.baton
        found = await house.db.read(listing.count_by_state, Wanted(account=account.id), house.clock.now())
        return _counted(found, account)

    @route(blueprint, "GET", f"{THIS}/", role=Role.OPERATOR)
    async def dash_show_conversation(request: Request, operator: Operator, conversation_id: str) -> dict[str, Any]:
        """One, of any channel."""
        await visible(request, operator, conversation_id)
        return await shown(request, conversation_id)

    @route(blueprint, "GET", f"{THIS}/messages/", role=Role.OPERATOR, query=MessagesQuery)
    async def dash_list_messages_of_conversation(
        request: Request, operator: Operator, conversation_id: str, query: MessagesQuery
    ) -> dict[str, Any]:
        """The last ones, or those before one, the oldest first."""
        await visible(request, operator, conversation_id)
        asked = (conversation_id, query, links_of(request), language(request))
        found: dict[str, Any] = await request.app.ctx.baton.db.read(_messages, *asked)
        return found


def _register_button(blueprint: Blueprint, name: str, order: Order) -> None:
    async def press(request: Request, operator: Operator, conversation_id: str) -> dict[str, Any]:
        await order(request, operator, conversation_id)
        return await shown(request, conversation_id)

    press.__name__, press.__doc__ = f"dash_{name}", f"As `{name}` orders it; the conversation as it stands then."
    route(blueprint, "POST", f"{THIS}/{name}/", role=Role.OPERATOR)(press)


_BUTTONS: dict[str, Order] = {
    "switch_to_auto": switching.to_bot,
    "resolve": switching.resolve,
    "close": switching.close,
    "reopen": switching.reopen,
}


async def _wanted(request: Request, operator: Operator, query: InboxQuery) -> Wanted:
    """A search begins with its second letter: with the first one the page asks already, and would show an error."""
    search = " ".join(query.search.split())[: searching.LONGEST]
    return Wanted(
        account_ids=theirs(operator),
        channel=Channel.WHATSAPP,
        account=(await visible_account(request, operator, query.account)).id if query.account else None,
        search=search if len(search) >= searching.LEAST else None,
    )


def _page(tx: Connection, wanted: Wanted, now: Any, query: InboxQuery) -> tuple[list[Line], int]:
    """The page, and how many there are in all: counted only where the page does not say it."""
    before = (query.page - 1) * query.page_size
    found = listing.numbered_page(tx, wanted, now, offset=before, limit=query.page_size + 1)
    is_last = len(found) <= query.page_size and (found or not before)
    count = before + len(found) if is_last else listing.count(tx, wanted, now)
    return found[: query.page_size], count


def _messages(
    tx: Connection, conversation_id: str, query: MessagesQuery, links: Links, language: str
) -> dict[str, Any]:
    found = context.last_messages(tx, conversation_id, before=query.before_id, limit=query.limit + 1)
    has_more = len(found) > query.limit
    results = messages_json(tx, found[-query.limit :], links, language)
    return {"results": results, "has_more": has_more, "next_before_id": results[0]["id"] if has_more else None}


def _counted(found: list[tuple[HandoverState, bool, Status, int]], account: Account) -> dict[str, Any]:
    by_status: Counter[str] = Counter()
    by_mode: Counter[str] = Counter()
    for state, nobody_answers, status, count in found:
        by_status[standing.status_of(status)] += count
        by_mode[standing.mode(state, account, nobody_answers=nobody_answers)] += count
    return {"total": sum(by_mode.values()), "by_status": dict(by_status), "by_mode": dict(by_mode)}
