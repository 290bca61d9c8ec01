"""/agents/…/conversations/ and /agents/conversations/…/: what an assistant's talks came to, and how it forgets one.

A session's name is the conversation's: its latest session is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection

from conversation.conversation import Conversation
from conversation.errors import NotFound
from conversation.said import say
from handover.auth import theirs, visible
from handover.dashboard import door
from handover.dashboard.agents import known, on_both, paths_of
from handover.dashboard.envelope import PAGE_SIZE
from handover.dashboard.objects import agent as objects
from handover.queries import Limit
from store import agent_lists, sessions, trackers
from store.operators import Operator, Role
from store.sessions import Numbered, Session

_TALK = "/agents/conversations/<conversation_id:str>/"
#: Of a session in a list, and of one alone. Some dozen events are one message's.
_EVENTS_OF_MANY, _EVENTS_OF_ONE = 100, 400


class TalksQuery(msgspec.Struct):
    """`after`: the id that the page before ended with."""

    after: str | None = None
    page_size: Limit = PAGE_SIZE


class LinesQuery(msgspec.Struct):
    """`before`: the id of the oldest line that is there already. `limit`: how many of the customer's messages."""

    before: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None
    limit: Limit = 50


def register(blueprint: Blueprint) -> None:
    @on_both(blueprint, ("GET",), paths_of("/<agent_id:str>/conversations/"), role=Role.OPERATOR, query=TalksQuery)
    async def dash_list_agent_talks(
        request: Request, operator: Operator, query: TalksQuery, agent_id: str
    ) -> dict[str, Any]:
        """Its talks on your accounts, the latest word first, each with its last lines: the page asks for no more."""
        agent = await known(request, agent_id)
        if query.after is not None:
            await visible(request, operator, query.after)
        shown, count, last = await request.app.ctx.baton.db.read(_page, agent.id, theirs(operator), query)
        following = None
        if last is not None:
            following = f"{request.path}?{urlencode({'after': last, 'page_size': query.page_size})}"
        return {"count": count, "next": following, "previous": None, "results": shown}

    @door.route_of_one_word(blueprint, "GET", _TALK, role=Role.OPERATOR)
    async def dash_show_agent_talk(request: Request, operator: Operator, conversation_id: str) -> dict[str, Any]:
        """The latest session of a talk, with its last lines."""
        talk = await _talk(request, operator, conversation_id)
        shown: dict[str, Any] = await request.app.ctx.baton.db.read(_one, talk.id)
        return shown

    @door.route_of_one_word(
        blueprint, "GET", _TALK + "history/", role=Role.OPERATOR, query=LinesQuery, answers=list[dict[str, Any]]
    )
    async def dash_show_agent_history(
        request: Request, operator: Operator, query: LinesQuery, conversation_id: str
    ) -> list[dict[str, Any]]:
        """What was said in this session and in those before it, the oldest first, as far back as asked for."""
        talk = await _talk(request, operator, conversation_id)
        found: list[list[Numbered]] = await request.app.ctx.baton.db.read(
            sessions.stretch, talk.id, before=query.before, messages=query.limit
        )
        return objects.lines_json((each for stretch in found for each in stretch), talk.created_at)

    @door.route_of_one_word(blueprint, "POST", _TALK + "clear_memory/", role=Role.SUPERVISOR)
    async def dash_clear_agent_memory(request: Request, operator: Operator, conversation_id: str) -> dict[str, Any]:
        """The assistant forgets what it was told; what was said is kept."""
        house = request.app.ctx.baton
        talk = await _talk(request, operator, conversation_id)
        await house.db.write(sessions.forget, talk.id, by=operator.name, now=house.clock.now())
        return {"success": True}


async def _talk(request: Request, operator: Operator, conversation_id: str) -> Conversation:
    """A conversation in which an assistant has heard something."""
    talk = await visible(request, operator, conversation_id)
    if not await request.app.ctx.baton.db.read(trackers.exists, talk.id):
        raise NotFound(say("No assistant has heard of the conversation {conversation}.", conversation=talk.id))
    return talk


def _page(
    tx: Connection, agent_id: str, account_ids: Sequence[str] | None, query: TalksQuery
) -> tuple[list[dict[str, Any]], int, str | None]:
    """And how many there are, and after which the next page goes on; None: that was the last one."""
    found = sessions.page(tx, agent_id, account_ids=account_ids, after=query.after, limit=query.page_size + 1)
    kept = found[: query.page_size]
    count = agent_lists.count_sessions(tx, agent_id, account_ids=account_ids)
    last = kept[-1].conversation.id if len(found) > len(kept) else None
    return [_shown(tx, each, _EVENTS_OF_MANY) for each in kept], count, last


def _one(tx: Connection, conversation_id: str) -> dict[str, Any]:
    return _shown(tx, sessions.one(tx, conversation_id), _EVENTS_OF_ONE)


def _shown(tx: Connection, session: Session, most: int) -> dict[str, Any]:
    before = session.seq - min(session.events, most)
    return objects.talk_json(session, trackers.numbered_after(tx, session.conversation.id, before))
