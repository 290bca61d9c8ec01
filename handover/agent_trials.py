"""/api/v1/agents/…: what an assistant came to, what it says when somebody tries it, and whom it may think with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import unquote

from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection

from conversation.providers import KNOWN
from handover import agent_bodies as bodies
from handover.auth import route, theirs
from handover.shapes import agents as shapes
from runtime.trying_out import Answered
from store import agent_statistics, agents
from store.agent_statistics import AgentStatistics
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/agents/providers", role=Role.OPERATOR, answers=dict[str, shapes.ProviderFacts])
    async def list_providers(request: Request, operator: Operator) -> dict[str, shapes.ProviderFacts]:
        """Whom an assistant may think with, by the name that an agent has it under."""
        return {
            provider.value: {
                "base_url": known.base_url,
                "needs_key": known.needs_key,
                "api_style": known.style,
                "model_name": known.model_name,
            }
            for provider, known in KNOWN.items()
        }

    @route(
        blueprint,
        "GET",
        "/agents/<name:str>/statistics",
        role=Role.OPERATOR,
        query=bodies.StatisticsOfAgentQuery,
        answers=shapes.AgentStatistics,
    )
    async def show_agent_statistics(
        request: Request, operator: Operator, query: bodies.StatisticsOfAgentQuery, name: str
    ) -> shapes.AgentStatistics:
        """How much an assistant had to do on your accounts, and what that cost."""
        house = request.app.ctx.baton
        now = house.clock.now()
        span = {"since": now - timedelta(days=query.days), "now": now}
        found: AgentStatistics = await house.db.read(_of_named, unquote(name), account_ids=theirs(operator), **span)
        return {
            "days": query.days,
            "conversations": found.conversations,
            "messages": found.messages,
            "answered": found.answered,
            "average_response_ms": found.average_response_ms,
            "active_sessions": found.active_sessions,
            "tokens_in": found.spent.tokens_in,
            "tokens_out": found.spent.tokens_out,
            "cost_usd": found.spent.cost / 1_000_000,
            "failures": dict(found.spent.failures),
        }

    @route(
        blueprint,
        "POST",
        "/agents/<name:str>/process",
        role=Role.SUPERVISOR,
        body=bodies.TrialBody,
        answers=shapes.Processed,
        refusals=(503,),
    )
    async def try_agent(request: Request, operator: Operator, body: bodies.TrialBody, name: str) -> shapes.Processed:
        """Has an assistant answer a message, as it would a customer's, whatever its status. Nobody is sent anything.

        A worker answers, within 14 seconds. What a language model takes for it counts as its tokens and its cost.
        """
        answered: Answered = await request.app.ctx.baton.trying_out.ask(
            unquote(name), body.message, by=operator.name, session=body.session_id
        )
        tried = answered.tried
        return {
            "texts": list(tried.texts),
            "response": "\n\n".join(tried.texts),
            "session_id": answered.session,
            "tokens_used": tried.tokens,
            "response_time_ms": tried.ms,
            "by": tried.by,
        }


def _of_named(tx: Connection, name: str, **given: Any) -> AgentStatistics:
    return agent_statistics.of_agent(tx, agents.get(tx, name).id, **given)
