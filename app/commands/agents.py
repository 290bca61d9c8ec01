"""agent add | list | set | silence"""

from __future__ import annotations

import argparse
from typing import Any

from app import wiring
from app.commands import add_json, print_json, with_house
from conversation.agent import Agent, AgentStatus
from handover.agents import agent_status
from handover.schemas import agent_json
from store import agents


def register(commands: Any) -> None:
    words = commands.add_parser("agent", help="assistants, and their switch").add_subparsers(
        dest="word", metavar="WORD", required=True
    )
    listing = words.add_parser("list", help="all agents")
    add_json(listing)
    listing.set_defaults(run=_list)

    add = words.add_parser("add", help="a new agent, a draft unless said otherwise")
    add.add_argument("name")
    add.add_argument("--status", default=AgentStatus.DRAFT.value)
    add_json(add)
    add.set_defaults(run=_add)

    change = words.add_parser("set", help="switch an agent, at once")
    change.add_argument("name")
    change.add_argument("--status", required=True, help="active, inactive or draft")
    add_json(change)
    change.set_defaults(run=_set)

    silence = words.add_parser("silence", help="switch every assistant off, at once")
    silence.add_argument("--as", dest="by", default="admin", metavar="NAME", help="who does it")
    add_json(silence)
    silence.set_defaults(run=_silence)


def _list(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> list[Agent]:
        return await house.db.write(lambda tx: (agents.ensure_default(tx, house.clock.now()), agents.all_of(tx))[1])

    for agent in with_house(read):
        print_json(agent_json(agent)) if chosen.json else print(f"{agent.name:20} {agent.status.value}")


def _add(chosen: argparse.Namespace) -> None:
    status = agent_status(chosen.status)

    async def add(house: wiring.House) -> Agent:
        return await house.db.write(agents.add, chosen.name, status, house.clock.now())

    agent = with_house(add)
    print_json(agent_json(agent)) if chosen.json else print(f"{agent.name} is {agent.status.value}.")


def _set(chosen: argparse.Namespace) -> None:
    status = agent_status(chosen.status)

    async def switch(house: wiring.House) -> tuple[Agent, int]:
        await house.db.write(agents.ensure_default, house.clock.now())
        return await house.ownership.switch_agent(chosen.name, status)

    agent, in_flight = with_house(switch)
    if chosen.json:
        print_json({**agent_json(agent), "in_flight": in_flight})
    else:
        print(f"{agent.name} is {agent.status.value}." + (f" In flight: {in_flight}." if in_flight else ""))


def _silence(chosen: argparse.Namespace) -> None:
    silenced, in_flight = with_house(lambda house: house.ownership.silence_all(by=chosen.by))
    names = [agent.name for agent in silenced]
    if chosen.json:
        print_json({"agents": names, "in_flight": in_flight})
    else:
        print(f"Silent: {', '.join(names) or 'all were already'}." + (f" In flight: {in_flight}." if in_flight else ""))
