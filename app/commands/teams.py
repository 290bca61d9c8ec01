"""team add | list | join | leave | set | remove"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from app import wiring
from app.commands import add_json, print_json, with_house
from conversation.people import Assignment, Team
from store import teams

_HOW = "how conversations find somebody: hand (whoever takes one), round_robin, least_busy"


def register(commands: Any) -> None:
    words = commands.add_parser("team", help="operators who share a queue").add_subparsers(
        dest="word", metavar="WORD", required=True
    )
    add = words.add_parser("add", help="a new team")
    add.add_argument("team")
    add.add_argument("--assignment", choices=[a.value for a in Assignment], default=Assignment.HAND.value, help=_HOW)
    add_json(add)
    add.set_defaults(run=_add)

    listing = words.add_parser("list", help="all teams, and who is in them")
    add_json(listing)
    listing.set_defaults(run=_list)

    for word, run, says in (("join", _join, "an operator joins a team"), ("leave", _leave, "and leaves it")):
        moving = words.add_parser(word, help=says)
        moving.add_argument("team")
        moving.add_argument("operator")
        add_json(moving)
        moving.set_defaults(run=run)

    change = words.add_parser("set", help="change a team, at once")
    change.add_argument("team")
    change.add_argument("--name")
    change.add_argument("--assignment", choices=[a.value for a in Assignment], help=_HOW)
    add_json(change)
    change.set_defaults(run=_set)

    remove = words.add_parser("remove", help="who waits for it waits for everybody from then on")
    remove.add_argument("team")
    remove.set_defaults(run=_remove)


def _add(chosen: argparse.Namespace) -> None:
    how = Assignment(chosen.assignment)
    _change(chosen, lambda tx, now: teams.add(tx, chosen.team, how, now))


def _list(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> list[dict[str, Any]]:
        return await house.db.read(lambda tx: [_line(tx, team) for team in teams.all_of(tx)])

    for line in with_house(read):
        _show(chosen, line)


def _join(chosen: argparse.Namespace) -> None:
    _change(chosen, lambda tx, _: teams.join(tx, chosen.team, chosen.operator))


def _leave(chosen: argparse.Namespace) -> None:
    _change(chosen, lambda tx, _: teams.leave(tx, chosen.team, chosen.operator))


def _set(chosen: argparse.Namespace) -> None:
    how = Assignment(chosen.assignment) if chosen.assignment else None
    _change(chosen, lambda tx, _: teams.change(tx, chosen.team, name=chosen.name, assignment=how))


def _remove(chosen: argparse.Namespace) -> None:
    async def remove(house: wiring.House) -> None:
        await house.db.write(teams.remove, chosen.team)

    with_house(remove)
    print(f"{chosen.team} is removed.")


def _change(chosen: argparse.Namespace, act: Callable[[Connection, datetime], Team]) -> None:
    async def change(house: wiring.House) -> dict[str, Any]:
        return await house.db.write(lambda tx: _line(tx, act(tx, house.clock.now())))

    _show(chosen, with_house(change))


def _line(tx: Connection, team: Team) -> dict[str, Any]:
    return {
        "id": team.id,
        "name": team.name,
        "assignment": team.assignment.value,
        "members": teams.members(tx, team.id),
    }


def _show(chosen: argparse.Namespace, line: dict[str, Any]) -> None:
    if chosen.json:
        print_json(line)
    else:
        print(f"{line['name']:20} {line['assignment']:12} {', '.join(line['members']) or 'nobody yet'}")
