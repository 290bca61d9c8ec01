"""/agents/ and /agents/agents/: assistants as the dashboard's pages list, make, change, switch and try them.

Their pages read a refusal's `error` as a text. `nobody`, the agent of accounts without one, is none to them.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Union
from urllib.parse import unquote

import msgspec
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from conversation import agent_model
from conversation.account import Account
from conversation.agent import NOBODY, Agent, AgentStatus
from conversation.errors import BadInput, NotFound
from conversation.providers import KNOWN
from conversation.said import Said, in_language, say
from handover.agent_bodies import StatisticsOfAgentQuery
from handover.auth import answer, language, theirs, visible_accounts
from handover.dashboard import agent_form, door, envelope
from handover.dashboard.agent_form import AgentForm, NewAgentForm
from handover.dashboard.objects import agent as objects
from handover.dashboard.spelled import spelled
from runtime.trying_out import Answered
from store import accounts, agent_lists, agent_statistics, agents, deeds
from store.agent_statistics import AgentStatistics
from store.operators import Operator, Role

PREFIXES = ("/agents/agents", "/agents")
_ONE = "/<agent_id:str>/"

#: What is asked of the house about an agent, with a status.
Order = Callable[[Union[AgentStatus, None]], Awaitable[tuple[Agent, int]]]

on_both = functools.partial(spelled, route=door.route_of_one_word)


class TrialBody(msgspec.Struct):
    """`session_id`: of an answer before, to go on from there."""

    message: str
    session_id: str | None = None


def register(blueprint: Blueprint) -> None:
    @on_both(blueprint, ("GET",), paths_of("/"), role=Role.OPERATOR)
    async def dash_list_agents(request: Request, operator: Operator) -> dict[str, Any]:
        """Every assistant there is, the oldest first, those that do not answer too."""
        return envelope.of_all(await request.app.ctx.baton.db.read(_all_shown))

    @on_both(blueprint, ("GET",), paths_of("/provider_config/"), role=Role.OPERATOR)
    async def dash_list_providers(request: Request, operator: Operator) -> dict[str, Any]:
        """Whom an assistant may think with: what the form is filled in with."""
        return {
            provider.value: {"base_url": known.base_url, "model_name": known.model_name, "api_style": known.style}
            for provider, known in KNOWN.items()
        }

    @on_both(blueprint, ("POST",), paths_of("/"), role=Role.ADMIN, body=NewAgentForm)
    async def dash_add_agent(request: Request, operator: Operator, body: NewAgentForm) -> HTTPResponse:
        """Another assistant. One that is to be active and lacks what it thinks with is made as a draft, and says so."""
        facts = {
            "description": body.description or "",
            "provider": body.provider,
            "model": agent_model.read(agent_form.model_of(body, body.provider)),
            "api_key": body.api_key or None,
            "account_ids": await visible_accounts(request, operator, body.accounts),
            "theirs": theirs(operator),
        }
        setup, wanted = request.app.ctx.baton.agent_setup, agent_form.status_of(body) or AgentStatus.DRAFT
        made, lacking = await _or_not_active(
            lambda status: setup.add(body.name.strip(), status, **facts),
            wanted,
            AgentStatus.DRAFT,
            is_kept=True,
        )
        return answer(await _detail(request, operator, made.id, lacking), 201)

    @on_both(blueprint, ("GET",), paths_of(_ONE), role=Role.OPERATOR)
    async def dash_show_agent(request: Request, operator: Operator, agent_id: str) -> dict[str, Any]:
        """One of them, with its prompts and its accounts."""
        return await _detail(request, operator, agent_id)

    @on_both(blueprint, ("PATCH",), paths_of(_ONE), role=Role.ADMIN, body=AgentForm)
    async def dash_change_agent(request: Request, operator: Operator, body: AgentForm, agent_id: str) -> dict[str, Any]:
        """Changes what is given; switched off, it is silent when this is answered.

        A form that would have it active while it lacks what it thinks with is saved all the same, and says what is
        missing; a switch alone is refused.
        """
        before = await known(request, agent_id)
        facts: dict[str, Any] = {
            "description": body.description,
            "provider": body.provider,
            "model": agent_form.model_of(body, body.provider or before.provider) or None,
            "api_key": body.api_key or None,
        }
        facts = {name: value for name, value in facts.items() if value is not None}
        facts["rename"] = None if body.name is None else body.name.strip()
        facts["account_ids"] = await visible_accounts(request, operator, body.accounts)
        setup = request.app.ctx.baton.agent_setup
        _, lacking = await _or_not_active(
            lambda status: setup.change(before.id, status=status, theirs=theirs(operator), **facts),
            agent_form.status_of(body),
            None,
            is_kept=not agent_form.is_switch_alone(body),
        )
        return await _detail(request, operator, before.id, lacking)

    @on_both(blueprint, ("DELETE",), paths_of(_ONE), role=Role.ADMIN)
    async def dash_remove_agent(request: Request, operator: Operator, agent_id: str) -> HTTPResponse:
        """Removes one that no account has."""
        agent = await known(request, agent_id)
        await request.app.ctx.baton.agent_setup.remove(agent.id)
        return response.empty()

    @on_both(blueprint, ("GET",), paths_of(_ONE + "stats/"), role=Role.OPERATOR, query=StatisticsOfAgentQuery)
    async def dash_show_agent_stats(
        request: Request, operator: Operator, query: StatisticsOfAgentQuery, agent_id: str
    ) -> dict[str, Any]:
        """What it had to do on your accounts in the last 30 days, or in `days`."""
        house, agent = request.app.ctx.baton, await known(request, agent_id)
        now = house.clock.now()
        since = now - timedelta(days=query.days)
        found: AgentStatistics = await house.db.read(
            agent_statistics.of_agent, agent.id, since=since, now=now, account_ids=theirs(operator)
        )
        return objects.stats_json(found, query.days)

    @on_both(blueprint, ("POST",), paths_of(_ONE + "process/"), role=Role.SUPERVISOR, body=TrialBody)
    async def dash_try_agent(request: Request, operator: Operator, body: TrialBody, agent_id: str) -> dict[str, Any]:
        """Has it answer a message, whatever its status. Nobody is sent anything."""
        agent = await known(request, agent_id)
        answered: Answered = await request.app.ctx.baton.trying_out.ask(
            agent.id, body.message, by=operator.name, session=body.session_id
        )
        tried = answered.tried
        return {
            "response": "\n\n".join(tried.texts),
            "session_id": answered.session,
            "response_time_ms": tried.ms,
            **({} if tried.tokens is None else {"tokens_used": tried.tokens}),
        }


def paths_of(tail: str) -> tuple[str, ...]:
    return tuple(prefix + tail for prefix in PREFIXES)


async def known(request: Request, agent_id: str) -> Agent:
    """The agent, by its id or its name."""
    agent: Agent = await request.app.ctx.baton.db.read(agents.get, unquote(agent_id))
    if agent.id == NOBODY:
        raise NotFound(say("There is no agent {agent}.", agent=agent_id))
    return agent


async def _or_not_active(
    order: Order, wanted: AgentStatus | None, instead: AgentStatus | None, *, is_kept: bool
) -> tuple[Agent, Said | None]:
    """Carries the order out. Where it is refused as active and `is_kept`, it is carried out with the status `instead`,
    and why comes with it: no page has a field for a key, and what was typed is not to be lost for want of one."""
    try:
        return (await order(wanted))[0], None
    except BadInput as error:
        if wanted is not AgentStatus.ACTIVE or not is_kept:
            raise
        deed = deeds.in_hand()
        if deed is not None:
            deed.facts = {**deed.facts, "status": None if instead is None else instead.value}
        agent, _ = await order(instead)
        return agent, error.args[0]


async def _detail(request: Request, operator: Operator, agent_id: str, lacking: Said | None = None) -> dict[str, Any]:
    agent = await known(request, agent_id)
    shown: dict[str, Any] = await request.app.ctx.baton.db.read(_detail_of, agent, operator)
    if lacking is None:
        return shown
    told = say("It is saved, and does not answer yet: {why}", why=lacking)
    if KNOWN[agent.provider].needs_key and not agent.has_key:
        told = say(
            "It is saved, and does not answer yet: {why} A key is set with ./baton agent set NAME --key-stdin.",
            why=lacking,
        )
    return {**shown, "warning": in_language(told, language(request))}


def _detail_of(tx: Connection, agent: Agent, operator: Operator) -> dict[str, Any]:
    its = [each for each, _ in agents.accounts_of(tx, [agent.id])[agent.id] if operator.may_see(each)]
    found: Sequence[Account] = [accounts.get(tx, each) for each in its]
    return objects.detail_json(agent, agent_lists.made_at(tx, [agent.id])[agent.id], found)


def _all_shown(tx: Connection) -> list[dict[str, Any]]:
    found = [agent for agent in agents.all_of(tx) if agent.id != NOBODY]
    made_at = agent_lists.made_at(tx, [agent.id for agent in found])
    return [objects.agent_json(agent, made_at[agent.id]) for agent in found]
