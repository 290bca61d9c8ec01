"""/api/v1/agents: which assistants there are, with whom they think, and their switch."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

import msgspec
from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection

from conversation import agent_model
from conversation.agent import Agent, AgentStatus
from conversation.errors import BadInput
from conversation.said import say
from handover import agent_bodies as bodies
from handover.auth import route, theirs, visible_accounts
from handover.schemas import agent_json
from handover.shapes import accounts as shapes
from handover.shapes.page import Items
from store import agents
from store.operators import Operator, Role


class Removed(msgspec.Struct):
    """What is gone."""

    removed: str


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/agents", role=Role.OPERATOR, answers=Items[shapes.Agent])
    async def list_agents(request: Request, operator: Operator) -> Items[shapes.Agent]:
        """Every assistant there is, the oldest first."""
        return Items(items=await request.app.ctx.baton.db.read(_all_shown, operator))

    @route(
        blueprint,
        "POST",
        "/agents",
        role=Role.ADMIN,
        body=bodies.NewAgentBody,
        answers=shapes.SwitchedAgent,
    )
    async def add_agent(request: Request, operator: Operator, body: bodies.NewAgentBody) -> shapes.SwitchedAgent:
        """Another assistant. It answers where an account is given to it, once it is active.

        Its key is kept encrypted, and shown to nobody.
        """
        agent, in_flight = await request.app.ctx.baton.agent_setup.add(
            body.name.strip(),
            body.status,
            description=body.description,
            provider=body.provider,
            model=agent_model.read(body.model),
            api_key=body.api_key,
            account_ids=await visible_accounts(request, operator, body.accounts),
            theirs=theirs(operator),
        )
        return await _switched(request, operator, agent, in_flight)

    @route(blueprint, "GET", "/agents/<name:str>", role=Role.OPERATOR, answers=shapes.Agent)
    async def show_agent(request: Request, operator: Operator, name: str) -> shapes.Agent:
        """One of them, by its id or its name."""
        shown: shapes.Agent = await request.app.ctx.baton.db.read(_one_shown, unquote(name), operator)
        return shown

    @route(
        blueprint,
        "PATCH",
        "/agents/<name:str>",
        role=Role.ADMIN,
        body=bodies.AgentBody,
        answers=shapes.SwitchedAgent,
        refusals=(409,),
    )
    async def switch_agent(
        request: Request, operator: Operator, body: bodies.AgentBody, name: str
    ) -> shapes.SwitchedAgent:
        """Switches it, names it anew, changes how it thinks and which accounts have it. What is not given stays.

        With `in_flight` 0, a switched-off agent's last request reached Meta before this answer. An account of yours
        that had it and is not in `accounts` gets the oldest assistant, or none where that is this one. Another provider
        or another address needs `api_key` again: a key goes only where it was given for.
        """
        given = {each: value for each, value in msgspec.structs.asdict(body).items() if value is not None}
        given["account_ids"] = await visible_accounts(request, operator, given.pop("accounts", None))
        if "name" in given:
            given["name"] = given["name"].strip()
        renamed = given.pop("name", None)
        agent, in_flight = await request.app.ctx.baton.agent_setup.change(
            unquote(name), rename=renamed, theirs=theirs(operator), **given
        )
        return await _switched(request, operator, agent, in_flight)

    @route(blueprint, "DELETE", "/agents/<name:str>", role=Role.ADMIN, answers=Removed, refusals=(409,))
    async def remove_agent(request: Request, operator: Operator, name: str) -> Removed:
        """Removes one that no account has."""
        await request.app.ctx.baton.agent_setup.remove(unquote(name))
        return Removed(removed=unquote(name))

    @route(blueprint, "POST", "/agents/silence", role=Role.SUPERVISOR, answers=shapes.Silenced)
    async def silence_agents(request: Request, operator: Operator) -> shapes.Silenced:
        """Switches every assistant off. With `in_flight` 0, nothing of theirs reaches Meta after this answer."""
        silenced: list[Agent]
        silenced, in_flight = await request.app.ctx.baton.ownership.silence_all(by=operator.name)
        return {"agents": [agent.name for agent in silenced], "in_flight": in_flight}


async def _switched(request: Request, operator: Operator, agent: Agent, in_flight: int) -> shapes.SwitchedAgent:
    shown: shapes.Agent = await request.app.ctx.baton.db.read(_one_shown, agent.id, operator)
    return {**shown, "in_flight": in_flight}


def _one_shown(tx: Connection, name: str, operator: Operator) -> shapes.Agent:
    return _shown(tx, [agents.get(tx, name)], operator)[0]


def _all_shown(tx: Connection, operator: Operator) -> list[shapes.Agent]:
    return _shown(tx, agents.all_of(tx), operator)


def _shown(tx: Connection, found: Sequence[Agent], operator: Operator) -> list[shapes.Agent]:
    """Each with those of its accounts that they see."""
    accounts_of = agents.accounts_of(tx, [agent.id for agent in found])
    return [agent_json(agent, [each for each in accounts_of[agent.id] if operator.may_see(each[0])]) for agent in found]


def agent_status(text: str) -> AgentStatus:
    try:
        return AgentStatus(text)
    except ValueError as error:
        known = ", ".join(each.value for each in AgentStatus)
        raise BadInput(say("{name} is one of {known}.", name="status", known=known)) from error
