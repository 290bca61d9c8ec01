"""operator add | list | set | password | token | tokens | remove"""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Any

from sqlalchemy.engine import Connection

from app import wiring
from app.commands import add_json, print_json, with_house
from conversation.errors import BadInput
from conversation.people import Operator, Presence, Role
from handover.shapes.operators import Token
from handover.tokens import good_tokens, token_json
from runtime.signing_in import set_password
from store import deeds, operator_tokens, operators, people, staff
from store.staff import Seen, Wanted


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

    password = words.add_parser("password", help="what they sign in with; asked for, or read from standard input")
    password.add_argument("name")
    password.set_defaults(run=_password)

    tokens = words.add_parser("tokens", help="what they prove themselves with, without the words themselves")
    tokens.add_argument("name")
    add_json(tokens)
    tokens.set_defaults(run=_tokens)

    token = words.add_parser("token", help="a new token; all they had are worth nothing from then on")
    token.add_argument("name")
    add_json(token)
    token.set_defaults(run=_token)

    remove = words.add_parser(
        "remove", help="their tokens are worth nothing from then on, and what they have is in the queue"
    )
    remove.add_argument("name")
    remove.set_defaults(run=_remove)


def _add_settings(parser: Any) -> None:
    seen = parser.add_mutually_exclusive_group()
    seen.add_argument("--accounts", metavar="A,B", help="the only accounts they see")
    seen.add_argument("--all-accounts", action="store_true", help="all there are and will be; so it is at first")
    parser.add_argument("--capacity", type=int, metavar="N", help="so many conversations are they given at most; 5")


def _add(chosen: argparse.Namespace) -> None:
    _note(chosen)

    async def add(house: wiring.House) -> str:
        now = house.clock.now()

        def write(tx: Connection) -> str:
            staff.add(tx, chosen.name, Role(chosen.role), _wanted(chosen), now)
            return operators.first_token(tx, chosen.name, now)

        return await house.db.write(write)

    _show_token(chosen, with_house(add))


def _set(chosen: argparse.Namespace) -> None:
    _note(chosen)

    async def change(house: wiring.House) -> list[dict[str, Any]]:
        wanted, now = _wanted(chosen), house.clock.now()
        if chosen.presence is None:
            await house.db.write(staff.change, chosen.name, wanted, now)
        else:
            await house.ownership.set_presence(
                chosen.name,
                Presence(chosen.presence),
                first=lambda tx: staff.change(tx, chosen.name, wanted, now),
            )
        return await house.db.read(lambda tx: _lines(tx, [operators.get(tx, chosen.name)]))

    _show(chosen, with_house(change))


def _wanted(chosen: argparse.Namespace) -> Wanted:
    only = (
        None if chosen.accounts is None else tuple(each.strip() for each in chosen.accounts.split(",") if each.strip())
    )
    sees = Seen(only=only) if chosen.all_accounts or only is not None else None
    return Wanted(role=Role(chosen.role) if chosen.role else None, accounts=sees, capacity=chosen.capacity)


def _password(chosen: argparse.Namespace) -> None:
    """Never among the words of the command: those are seen by everybody on the machine, and kept in histories."""
    _note(chosen)

    password = _asked_for() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")

    async def change(house: wiring.House) -> None:
        hashed = await house.sign_ins.hash(password, chosen.name)
        ended = await house.db.write(set_password, chosen.name, hashed)
        await house.sign_ins.tell_revoked(ended)

    with_house(change)
    print(f"{chosen.name} signs in with it from now on; wherever they were signed in, they are no longer.")


def _asked_for() -> str:
    first = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != first:
        raise BadInput("The two are not the same.")
    return first


def _token(chosen: argparse.Namespace) -> None:
    _note(chosen)

    async def renew(house: wiring.House) -> str:
        def write(tx: Connection) -> tuple[list[str], str]:
            ended = [each.id for each in operator_tokens.of_operator(tx, chosen.name)]
            return ended, operators.renew_token(tx, chosen.name, house.clock.now())

        ended, word = await house.db.write(write)
        await house.sign_ins.tell_revoked(ended)
        return word

    _show_token(chosen, with_house(renew))


def _tokens(chosen: argparse.Namespace) -> None:
    async def read(house: wiring.House) -> list[Token]:
        found = await house.db.read(good_tokens, chosen.name, house.clock.now())
        return [token_json(each, None) for each in found]

    for line in with_house(read):
        if chosen.json:
            print_json(line)
            continue
        ends = f"until {line['expires_at'][:16]}" if line["expires_at"] else "until it is taken away"
        print(f"{line['id']}  {line['kind']:8} {line['label']:20} {ends}")


def _note(chosen: argparse.Namespace) -> None:
    """Which operator it is about, and what they become, is in the audit log too."""
    deed = deeds.in_hand()
    if deed is not None:
        words = ("name", "role", "presence", "capacity")
        deed.facts = {word: vars(chosen)[word] for word in words if vars(chosen).get(word) is not None}


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
    _note(chosen)

    async def remove(house: wiring.House) -> None:
        ended = await house.ownership.remove_operator(chosen.name)
        await house.sign_ins.tell_revoked(ended)

    with_house(remove)
    print(f"{chosen.name} is removed.")
