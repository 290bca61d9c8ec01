"""/api/v1/conversations: who is talking, and since when they wait."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import msgspec
from sanic import Blueprint
from sanic.request import Request

from conversation.account import Channel
from conversation.conversation import HandoverState, Status
from handover import cursors
from handover.auth import route, theirs, visible, visible_account
from handover.bodies import Instant
from handover.queries import Limit
from handover.schemas import conversation_json
from handover.shapes.conversations import Conversation, Unread
from handover.shapes.page import Page
from runtime.limits import Rate
from store import conversations, listing, searching
from store.listing import Wanted
from store.operators import Operator, Role

#: In place of an operator's name.
_ME, _NOBODY = "me", "none"
#: A search looks at many rows: about one for each key that is pressed.
SEARCHES = Rate(burst=20, per_s=4)


class Window(str, Enum):
    OPEN = "open"
    CLOSED = "closed"


class ConversationsQuery(msgspec.Struct):
    """`owner`: a name, `me`, or `none`. `since`, `until`: of the customer's last message. `address`: all of one.
    `search`: in names, numbers, and the newest messages. `after`: the `next` of the page before."""

    account: str | None = None
    channel: Channel | None = None
    state: HandoverState | None = None
    status: Status | None = None
    owner: str | None = None
    team: str | None = None
    tag: str | None = None
    language: str | None = None
    unread: bool = False
    window: Window | None = None
    since: Instant | None = None
    until: Instant | None = None
    address: str | None = None
    search: Annotated[str, msgspec.Meta(max_length=searching.LONGEST)] | None = None
    after: str | None = None
    limit: Limit = 50


def register(blueprint: Blueprint) -> None:
    @route(
        blueprint,
        "GET",
        "/conversations",
        role=Role.OPERATOR,
        query=ConversationsQuery,
        answers=Page[Conversation],
        refusals=(404,),
    )
    async def list_conversations(request: Request, operator: Operator, query: ConversationsQuery) -> Page[Conversation]:
        """Those that are asked for, by the customer's last message, the latest first.

        Whoever writes while pages are turned moves to the front of the list; nobody else is passed over. A search
        ignores accents and capitals; words are looked for in the newest 20,000 messages.
        """
        house = request.app.ctx.baton
        after = None if query.after is None else cursors.place(query.after)
        wanted = await _wanted(request, operator, query)
        if wanted.search is not None:
            await house.limits.take(f"search:{operator.name}", rate=SEARCHES)
        found = await house.db.read(listing.page, wanted, house.clock.now(), after=after, limit=query.limit + 1)
        shown = found[: query.limit]
        next_ = cursors.of(listing.Place.of(shown[-1])) if len(found) > len(shown) else None
        return Page(items=[conversation_json(each) for each in shown], next=next_)

    @route(blueprint, "GET", "/conversations/<conversation_id:str>", role=Role.OPERATOR, answers=Conversation)
    async def show_conversation(request: Request, operator: Operator, conversation_id: str) -> Conversation:
        """One conversation, as it stands."""
        await visible(request, operator, conversation_id)
        house = request.app.ctx.baton
        return conversation_json(await house.db.read(listing.one, conversation_id, house.clock.now()))

    @route(blueprint, "POST", "/conversations/<conversation_id:str>/read", role=Role.OPERATOR, answers=Unread)
    async def mark_read(request: Request, operator: Operator, conversation_id: str) -> Unread:
        """Somebody has looked at it: nothing is unread any more. The customer is told by `seen`, not by this."""
        conversation = await visible(request, operator, conversation_id)
        if conversation.unread:
            await request.app.ctx.baton.db.write(conversations.change, conversation.id, unread=0)
        return {"id": conversation.id, "unread": 0}


async def _wanted(request: Request, operator: Operator, query: ConversationsQuery) -> Wanted:
    account = query.account
    nobodys = query.owner == _NOBODY
    owner = operator.name if query.owner == _ME else query.owner
    return Wanted(
        account_ids=theirs(operator),
        account=None if account is None else (await visible_account(request, operator, account)).id,
        channel=query.channel,
        address=query.address,
        state=query.state,
        status=query.status,
        owner=None if nobodys else owner,
        nobodys=nobodys,
        team=query.team,
        tag=query.tag,
        language=query.language,
        unread=query.unread,
        window_open=None if query.window is None else query.window is Window.OPEN,
        since=query.since,
        until=query.until,
        search=query.search,
    )
