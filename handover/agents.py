"""/api/v1/agents: which assistants there are, and their switch."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from sanic import Blueprint
from sanic.request import Request

from conversation.agent import Agent, AgentStatus
from conversation.errors import BadInput
from handover.auth import body_of, route
from handover.bodies import AgentBody
from handover.schemas import agent_json
from store import agents
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/agents", role=Role.OPERATOR)
    async def list_agents(request: Request, operator: Operator) -> dict[str, Any]:
        return {"items": [agent_json(agent) for agent in await request.app.ctx.baton.db.read(agents.all_of)]}

    @route(blueprint, "PATCH", "/agents/<name:str>", role=Role.ADMIN)
    async def switch_agent(request: Request, operator: Operator, name: str) -> dict[str, Any]:
        """With `in_flight` 0, a switched-off agent's last request reached Meta before this answer."""
        status = agent_status(body_of(request, AgentBody).status)
        agent, in_flight = await request.app.ctx.baton.ownership.switch_agent(unquote(name), status)
        return {**agent_json(agent), "in_flight": in_flight}

    @route(blueprint, "POST", "/agents/silence", role=Role.SUPERVISOR)
    async def silence_agents(request: Request, operator: Operator) -> dict[str, Any]:
        """Every assistant is switched off. With `in_flight` 0, nothing of theirs reaches Meta after this answer."""
        silenced: list[Agent]
        silenced, in_flight = await request.app.ctx.baton.ownership.silence_all(by=operator.name)
        return {"agents": [agent.name for agent in silenced], "in_flight": in_flight}


def agent_status(text: str) -> AgentStatus:
    try:
        return AgentStatus(text)
    except ValueError as error:
        raise BadInput(f"status is one of {', '.join(s.value for s in AgentStatus)}.") from error
