"""operator add | list | set | token | remove"""

from __future__ import annotations

import argparse
from typing import Any

from sqlalchemy.engine import Connection

from app import wiring
from app.commands import add_json, print_json, with_house
from conversation.account import AccountId
from conversation.people import Operator, Presence, Role
from store import accounts, operators, people


def register(commands: Any) -> None:
    words = commands.add_parser("operator", help="people who answer").add_subparsers(
        dest="word", metavar="WORD", required=True
    )
    add = words.add_parser("add", help="a new operator; prints their token, once")
    add.add_argument("name")
    add.add_argument("--role", choices=[r.value for r in Role], default=Role.OPERATOR.value)
    _add_settings(add)
    add_json(add)
    add.set_defaults(run=_add)

    listing = words.add_parser("list", help="all operators, whether they are there, and what they have")
    add_json(listing)
    listing.set_defaults(run=_list)

    change = words.add_parser("set", help="change an operator, at once")
    change.add_argument("name")
    change.add_argument("--role", choices=[r.value for r in Role])
    change.add_argument("--presence", choices=[p.value for p in Presence])
    _add_settings(change)
    add_json(change)
    change.set_defaults(run=_set)

    token = words.add_parser("token", help="a new token; the old one is worth nothing from then on")
    token.add_argument("name")
    add_json(token)
    token.set_defaults(run=_token)

    remove = words.add_parser(
        "remove", help="their token is worth nothing from then on, and what they have is in the queue"
    )
    remove.add_argument("name")
    remove.set_defaults(run=_remove)


def _add_settings(parser: Any) -> None:
    seen = parser.add_mutually_exclusive_group()
    seen.add_argument("--accounts", metavar="A,B", help="the only accounts they see")
    seen.add_argument("--all-accounts", action="store_true", help="all there are and will be; so it is at first")
    parser.add_argument("--capacity", type=int, metavar="N", help="so many conversations are they given at most; 5")


def _add(chosen: argparse.Namespace) -> None:
    async def add(house: wiring.House) -> str:
        def write(tx: Connection) -> str:
            token = operators.add(tx, chosen.name, Role(chosen.role), house.clock.now())
            _write_settings(tx, chosen)
            return token

        return await house.db.write(write)

    _show_token(chosen, with_house(add))


def _set(chosen: argparse.Namespace) -> None:
    async def change(house: wiring.House) -> list[dict[str, Any]]:
        await house.db.write(_change, chosen)
        if chosen.presence is not None:
            await house.ownership.set_presence(chosen.name, Presence(chosen.presence))
        return await house.db.read(lambda tx: _lines(tx, [operators.get(tx, chosen.name)]))

    _show(chosen, with_house(change))


def _change(tx: Connection, chosen: argparse.Namespace) -> None:
    if chosen.role is not None:
        people.set_role(tx, chosen.name, Role(chosen.role))
    _write_settings(tx, chosen)


def _write_settings(tx: Connection, chosen: argparse.Namespace) -> None:
    if chosen.capacity is not None:
        people.set_capacity(tx, chosen.name, chosen.capacity)
    if chosen.all_accounts:
        people.set_accounts(tx, chosen.name, None)
    elif chosen.accounts is not None:
        named = [each.strip() for each in chosen.accounts.split(",") if each.strip()]
        people.set_accounts(tx, chosen.name, [AccountId(accounts.get(tx, each).id) for each in named])


def _token(chosen: argparse.Namespace) -> None:
    async def renew(house: wiring.House) -> str:
        return await house.db.write(operators.renew_token, chosen.name, house.clock.now())

    _show_token(chosen, with_house(renew))


def _show_token(chosen: argparse.Namespace, token: str) -> None:
    if chosen.json:
        print_json({"name": chosen.name, "token": token})
    else:
        print(f"{chosen.name}'s token, shown this once: {token}")


def _list(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> list[dict[str, Any]]:
        return await house.db.read(lambda tx: _lines(tx, operators.all_of(tx)))

    _show(chosen, with_house(read))


def _lines(tx: Connection, found: list[Operator]) -> list[dict[str, Any]]:
    load = people.load(tx, [operator.name for operator in found])
    return [
        {
            "name": operator.name,
            "role": operator.role.value,
            "presence": operator.presence.value,
            "load": load[operator.name],
            "capacity": operator.capacity,
            "accounts": None if operator.all_accounts else sorted(operator.accounts),
        }
        for operator in found
    ]


def _show(chosen: argparse.Namespace, lines: list[dict[str, Any]]) -> None:
    for line in lines:
        if chosen.json:
            print_json(line)
            continue
        sees = "all accounts" if line["accounts"] is None else ", ".join(line["accounts"]) or "no account"
        has = f"{line['load']} of {line['capacity']}"
        print(f"{line['name']:20} {line['role']:10} {line['presence']:8} {has:>8}  {sees}")


def _remove(chosen: argparse.Namespace) -> None:
    async def remove(house: wiring.House) -> None:
        await house.ownership.remove_operator(chosen.name)

    with_house(remove)
    print(f"{chosen.name} is removed.")
