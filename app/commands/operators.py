"""operator add | list | token | remove"""

from __future__ import annotations

import argparse
from typing import Any

from app import wiring
from app.commands import add_json, print_json, with_house
from store import operators
from store.operators import Operator, Role


def register(commands: Any) -> None:
    words = commands.add_parser("operator", help="people who answer").add_subparsers(
        dest="word", metavar="WORD", required=True
    )
    add = words.add_parser("add", help="a new operator; prints their token, once")
    add.add_argument("name")
    add.add_argument("--role", choices=[r.value for r in Role], default=Role.OPERATOR.value)
    add_json(add)
    add.set_defaults(run=_add)

    listing = words.add_parser("list", help="all operators")
    add_json(listing)
    listing.set_defaults(run=_list)

    token = words.add_parser("token", help="a new token; the old one is worth nothing from then on")
    token.add_argument("name")
    add_json(token)
    token.set_defaults(run=_token)

    remove = words.add_parser("remove", help="their token is worth nothing from then on")
    remove.add_argument("name")
    remove.set_defaults(run=_remove)


def _add(chosen: argparse.Namespace) -> None:
    async def add(house: wiring.House) -> str:
        return await house.db.write(operators.add, chosen.name, Role(chosen.role), house.clock.now())

    _show(chosen, with_house(add))


def _token(chosen: argparse.Namespace) -> None:
    async def renew(house: wiring.House) -> str:
        return await house.db.write(operators.renew_token, chosen.name)

    _show(chosen, with_house(renew))


def _show(chosen: argparse.Namespace, token: str) -> None:
    if chosen.json:
        print_json({"name": chosen.name, "token": token})
    else:
        print(f"{chosen.name}'s token, shown this once: {token}")


def _list(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> list[Operator]:
        return await house.db.read(operators.all_of)

    for operator in with_house(read):
        line = {"name": operator.name, "role": operator.role.value}
        print_json(line) if chosen.json else print(f"{operator.name:20} {operator.role.value}")


def _remove(chosen: argparse.Namespace) -> None:
    async def remove(house: wiring.House) -> None:
        await house.db.write(operators.remove, chosen.name)

    with_house(remove)
    print(f"{chosen.name} is removed.")
