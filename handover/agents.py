"""/api/v1/agents: which assistants there are, and their switch."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import unquote

import msgspec
from sanic import Blueprint
from sanic.request import Request

from conversation.agent import Agent, AgentStatus
from conversation.errors import BadInput
from conversation.said import say
from handover.account_bodies import Version
from handover.auth import route
from handover.schemas import agent_json
from handover.shapes import accounts as shapes
from handover.shapes.page import Items
from store import agents
from store.operators import Operator, Role

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]


class NewAgentBody(msgspec.Struct):
    name: Name
    status: AgentStatus = AgentStatus.DRAFT


class AgentBody(msgspec.Struct):
    """What is not given stays. `version`: the one that was read; refused where somebody else has changed it since."""

    status: AgentStatus | None = None
    name: Name | None = None
    version: Version | None = None


class Removed(msgspec.Struct):
    """What is gone."""

    removed: str


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/agents", role=Role.OPERATOR, answers=Items[shapes.Agent])
    async def list_agents(request: Request, operator: Operator) -> Items[shapes.Agent]:
        """Every assistant there is, the oldest first."""
        return Items(items=[agent_json(agent) for agent in await request.app.ctx.baton.db.read(agents.all_of)])

    @route(blueprint, "POST", "/agents", role=Role.ADMIN, body=NewAgentBody, answers=shapes.Agent)
    async def add_agent(request: Request, operator: Operator, body: NewAgentBody) -> shapes.Agent:
        """Another assistant. It answers where an account is given to it, once it is active."""
        house = request.app.ctx.baton
        return agent_json(await house.db.write(agents.add, body.name.strip(), body.status, house.clock.now()))

    @route(blueprint, "GET", "/agents/<name:str>", role=Role.OPERATOR, answers=shapes.Agent)
    async def show_agent(request: Request, operator: Operator, name: str) -> shapes.Agent:
        """One of them, by its id or its name."""
        return agent_json(await request.app.ctx.baton.db.read(agents.get, unquote(name)))

    @route(
        blueprint,
        "PATCH",
        "/agents/<name:str>",
        role=Role.ADMIN,
        body=AgentBody,
        answers=shapes.SwitchedAgent,
        refusals=(409,),
    )
    async def switch_agent(request: Request, operator: Operator, body: AgentBody, name: str) -> shapes.SwitchedAgent:
        """Switches it, or names it anew. What is not given stays.

        With `in_flight` 0, a switched-off agent's last request reached Meta before this answer.
        """
        rename = None if body.name is None else body.name.strip()
        agent, in_flight = await request.app.ctx.baton.ownership.switch_agent(
            unquote(name), body.status, rename=rename, version=body.version
        )
        return {**agent_json(agent), "in_flight": in_flight}

    @route(blueprint, "DELETE", "/agents/<name:str>", role=Role.ADMIN, answers=Removed, refusals=(409,))
    async def remove_agent(request: Request, operator: Operator, name: str) -> Removed:
        """Removes one that no account has."""
        await request.app.ctx.baton.db.write(agents.remove, unquote(name))
        return Removed(removed=unquote(name))

    @route(blueprint, "POST", "/agents/silence", role=Role.SUPERVISOR, answers=shapes.Silenced)
    async def silence_agents(request: Request, operator: Operator) -> shapes.Silenced:
        """Switches every assistant off. With `in_flight` 0, nothing of theirs reaches Meta after this answer."""
        silenced: list[Agent]
        silenced, in_flight = await request.app.ctx.baton.ownership.silence_all(by=operator.name)
        return {"agents": [agent.name for agent in silenced], "in_flight": in_flight}


def agent_status(text: str) -> AgentStatus:
    try:
        return AgentStatus(text)
    except ValueError as error:
        known = ", ".join(each.value for each in AgentStatus)
        raise BadInput(say("{name} is one of {known}.", name="status", known=known)) from error
