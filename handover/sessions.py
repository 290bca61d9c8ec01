"""/api/v1/agents/…/sessions: what an assistant's talks came to, turn by turn, and how to make it forget one."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Annotated
from urllib.parse import unquote

import msgspec
from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection

from conversation.agent import Agent
from conversation.conversation import Conversation
from conversation.errors import NotFound
from conversation.said import say
from conversation.talk_turns import TalkTurn, turn_of
from handover.auth import route, theirs, visible
from handover.queries import Limit
from handover.schemas import instant
from handover.shapes import sessions as shapes
from handover.shapes.page import Page
from store import accounts, agents, sessions, trackers
from store.operators import Operator, Role
from store.sessions import Session

_PATH = "/agents/<name:str>/sessions"
_ONE = _PATH + "/<conversation_id:str>"
#: Of a session that is shown as a whole.
_TURNS = 50


class SessionsQuery(msgspec.Struct):
    """`after`: the `next` of the page before."""

    after: str | None = None
    limit: Limit = 50


class HistoryQuery(msgspec.Struct):
    """`before`: as it was answered; without it, from the last turn on."""

    before: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)] | None = None
    limit: Limit = _TURNS


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", _PATH, role=Role.OPERATOR, query=SessionsQuery, answers=Page[shapes.Session])
    async def list_sessions(
        request: Request, operator: Operator, query: SessionsQuery, name: str
    ) -> Page[shapes.Session]:
        """The talks of an assistant on your accounts, the latest word first: the latest session of each."""
        db = request.app.ctx.baton.db
        agent: Agent = await db.read(agents.get, unquote(name))
        if query.after is not None:
            await visible(request, operator, query.after)
        found: list[Session] = await db.read(
            sessions.page, agent.id, account_ids=theirs(operator), after=query.after, limit=query.limit + 1
        )
        more = len(found) > query.limit
        return Page(
            items=[_session_json(each) for each in found[: query.limit]],
            next=found[query.limit - 1].conversation.id if more else None,
        )

    @route(blueprint, "GET", _ONE, role=Role.OPERATOR, answers=shapes.WholeSession)
    async def show_session(
        request: Request, operator: Operator, name: str, conversation_id: str
    ) -> shapes.WholeSession:
        """The latest session of a talk, with its last turns: what was written, understood and done."""
        conversation = await _of_agent(request, operator, name, conversation_id)
        whole: shapes.WholeSession = await request.app.ctx.baton.db.read(_whole, conversation.id)
        return whole

    @route(blueprint, "GET", _ONE + "/history", role=Role.OPERATOR, query=HistoryQuery, answers=shapes.History)
    async def show_session_history(
        request: Request, operator: Operator, query: HistoryQuery, name: str, conversation_id: str
    ) -> shapes.History:
        """Turns of this session and of those before it, the oldest first, paged backwards."""
        conversation = await _of_agent(request, operator, name, conversation_id)
        turns, before = await request.app.ctx.baton.db.read(
            _turns, conversation.id, before=query.before, since=1, limit=query.limit
        )
        return {"turns": turns, "before": before}

    @route(blueprint, "DELETE", _ONE + "/memory", role=Role.SUPERVISOR, answers=shapes.Forgotten)
    async def forget_session(request: Request, operator: Operator, name: str, conversation_id: str) -> shapes.Forgotten:
        """The assistant forgets what it was told: a new session begins, with no slot set and nothing open.

        What was said stays in the conversation and in the history. An answer that is being thought out meanwhile is
        thought out anew.
        """
        house = request.app.ctx.baton
        conversation = await _of_agent(request, operator, name, conversation_id)
        now = house.clock.now()
        position = await house.db.write(sessions.forget, conversation.id, by=operator.name, now=now)
        return {"conversation_id": conversation.id, "seq": position.seq}


async def _of_agent(request: Request, operator: Operator, name: str, conversation_id: str) -> Conversation:
    """The conversation, where it is one that this assistant answers in and there is a session of it."""
    conversation = await visible(request, operator, conversation_id)
    if not await request.app.ctx.baton.db.read(_has, unquote(name), conversation):
        raise NotFound(
            say("{agent} has no session in {conversation}.", agent=unquote(name), conversation=conversation_id)
        )
    return conversation


def _has(tx: Connection, name: str, conversation: Conversation) -> bool:
    of_account = accounts.get(tx, conversation.account_id).agent_id
    return agents.get(tx, name).id == of_account and trackers.exists(tx, conversation.id)


def _whole(tx: Connection, conversation_id: str) -> shapes.WholeSession:
    session, at = sessions.one(tx, conversation_id), trackers.position(tx, conversation_id)
    turns, before = _turns(tx, conversation_id, before=None, since=at.session_seq, limit=_TURNS)
    if before is None and at.session_seq > 1:
        before = at.session_seq
    return {**_session_json(session), "slots": dict(session.slots), "turns": turns, "before": before}


def _turns(
    tx: Connection, conversation_id: str, *, before: int | None, since: int, limit: int
) -> tuple[list[shapes.Turn], int | None]:
    """And where to go on backwards; None: that was all since then."""
    found = sessions.stretch(tx, conversation_id, before=before, since=since, messages=limit)
    turns = [_turn_json(turn_of(events)) for events in found if events]
    first = turns[0]["seq"] if turns else since
    return turns, first if first > since else None


def _session_json(session: Session) -> shapes.Session:
    return {
        "conversation_id": session.conversation.id,
        "account_id": session.conversation.account_id,
        "contact": {"id": session.contact.id, "name": session.contact.given_name or session.contact.name},
        "began_at": instant(session.began_at),
        "last_active_at": instant(session.last_active_at),
        "memory_cleared_at": instant(session.forgotten_at),
        "messages": session.messages,
        "tokens": session.spent.tokens_in + session.spent.tokens_out,
        "cost_usd": session.spent.cost / 1_000_000,
        "events": session.events,
        "seq": session.seq,
        "last_intent": session.last_intent,
        "slots_set": len(session.slots),
    }


def _turn_json(turn: TalkTurn) -> shapes.Turn:
    return {
        "seq": turn.seq,
        "at": instant(datetime.fromtimestamp(turn.timestamp, timezone.utc)) if turn.timestamp else None,
        "text": turn.text,
        "intent": turn.intent,
        "confidence": turn.confidence,
        "actions": list(turn.actions),
        "said": [{"text": each.text, "operator": each.operator} for each in turn.said],
        "slots": dict(turn.slots),
        "new_session": turn.new_session,
    }
