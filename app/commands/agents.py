"""agent add | list | show | set | try | silence"""

from __future__ import annotations

import argparse
from typing import Any

from sqlalchemy.engine import Connection

from app import wiring
from app.cli import COMMAND_LINE
from app.commands import add_json, agent_facts, print_json, with_house
from conversation import agent_model
from conversation.agent import Agent, AgentStatus
from conversation.errors import BadInput
from handover.agents import agent_status
from handover.schemas import agent_json
from runtime.trying_out import Answered
from store import agents


def register(commands: Any) -> None:
    words = commands.add_parser("agent", help="assistants, and their switch").add_subparsers(
        dest="word", metavar="WORD", required=True
    )
    listing = words.add_parser("list", help="all agents")
    add_json(listing)
    listing.set_defaults(run=_list)

    show = words.add_parser("show", help="with whom one thinks, and how; never its key")
    show.add_argument("name")
    add_json(show)
    show.set_defaults(run=_show)

    add = words.add_parser("add", help="a new agent, a draft unless said otherwise")
    add.add_argument("name")
    add.add_argument("--status", default=AgentStatus.DRAFT.value)
    agent_facts.add_facts(add)
    add_json(add)
    add.set_defaults(run=_add)

    change = words.add_parser("set", help="switch an agent, or change how it thinks, at once")
    change.add_argument("name")
    change.add_argument("--status", help="active, inactive or draft")
    agent_facts.add_facts(change)
    add_json(change)
    change.set_defaults(run=_set)

    trial = words.add_parser("try", help="what it would answer a customer; a worker has to run")
    trial.add_argument("name")
    trial.add_argument("text")
    trial.add_argument("--session", metavar="ID", help="of an answer before, to go on from there")
    add_json(trial)
    trial.set_defaults(run=_try)

    silence = words.add_parser("silence", help="switch every assistant off, at once")
    silence.add_argument("--as", dest="by", default="admin", metavar="NAME", help="who does it")
    add_json(silence)
    silence.set_defaults(run=_silence)


def _list(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> list[tuple[Agent, Any]]:
        await house.db.write(agents.ensure_default, house.clock.now())
        return await house.db.read(lambda tx: _with_accounts(tx, agents.all_of(tx)))

    for agent, accounts in with_house(read):
        if chosen.json:
            print_json(agent_json(agent, accounts))
        else:
            print(f"{agent.name:20} {agent.status.value:9} {agent.provider.value:10} {agent.model.model_name}".rstrip())


def _show(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> list[tuple[Agent, Any]]:
        return await house.db.read(lambda tx: _with_accounts(tx, [agents.get(tx, chosen.name)]))

    ((agent, accounts),) = with_house(read)
    if chosen.json:
        print_json(agent_json(agent, accounts))
        return
    print(*agent_facts.shown(agent), sep="\n")


def _with_accounts(tx: Connection, found: list[Agent]) -> list[tuple[Agent, Any]]:
    accounts_of = agents.accounts_of(tx, [agent.id for agent in found])
    return [(agent, accounts_of[agent.id]) for agent in found]


def _add(chosen: argparse.Namespace) -> None:
    status, facts = agent_status(chosen.status), agent_facts.facts(chosen)
    facts["model"] = agent_model.read(facts.get("model", {}))

    async def add(house: wiring.House) -> Agent:
        agent, _ = await house.agent_setup.add(chosen.name, status, **facts)
        return agent

    agent = with_house(add)
    print_json(agent_json(agent)) if chosen.json else print(f"{agent.name} is {agent.status.value}.")


def _set(chosen: argparse.Namespace) -> None:
    changes = agent_facts.facts(chosen)
    if chosen.status is not None:
        changes["status"] = agent_status(chosen.status)
    if not changes:
        raise BadInput("Say what to change: `./baton agent set --help` shows it.")

    async def change(house: wiring.House) -> tuple[Agent, int]:
        await house.db.write(agents.ensure_default, house.clock.now())
        return await house.agent_setup.change(chosen.name, **changes)

    agent, in_flight = with_house(change)
    if chosen.json:
        print_json({**agent_json(agent), "in_flight": in_flight})
    else:
        print(f"{agent.name} is {agent.status.value}." + (f" In flight: {in_flight}." if in_flight else ""))


def _try(chosen: argparse.Namespace) -> None:
    async def ask(house: wiring.House) -> Answered:
        return await house.trying_out.ask(chosen.name, chosen.text, by=COMMAND_LINE, session=chosen.session)

    answered = with_house(ask)
    tried = answered.tried
    if chosen.json:
        said = {"texts": tried.texts, "session_id": answered.session, "tokens_used": tried.tokens}
        print_json({**said, "response_time_ms": tried.ms, "by": tried.by})
        return
    print(*tried.texts, sep="\n\n")
    tokens = "" if tried.tokens is None else f", {tried.tokens} tokens"
    print(f"\nby {tried.by} in {tried.ms} ms{tokens}; go on with --session {answered.session}")


def _silence(chosen: argparse.Namespace) -> None:
    silenced, in_flight = with_house(lambda house: house.ownership.silence_all(by=chosen.by))
    names = [agent.name for agent in silenced]
    if chosen.json:
        print_json({"agents": names, "in_flight": in_flight})
    else:
        print(f"Silent: {', '.join(names) or 'all were already'}." + (f" In flight: {in_flight}." if in_flight else ""))
