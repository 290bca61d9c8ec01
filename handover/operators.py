"""/api/v1/me and /api/v1/operators: the people who answer, whether they are there, and what they have."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import unquote

import msgspec
from msgspec import UNSET, UnsetType
from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection

from conversation.errors import Forbidden
from conversation.passwords import LONGEST, SHORTEST
from conversation.people import Presence, Team
from conversation.said import say
from handover.auth import need, route
from handover.schemas import operator_json
from handover.shapes import people as shapes
from handover.shapes.operators import NewOperator, RemovedOperator
from handover.shapes.page import Items
from runtime.signing_in import set_password
from store import deeds, operators, people, staff, teams
from store.operators import Operator, Role
from store.staff import Seen, Wanted

Accounts = Annotated[list[Annotated[str, msgspec.Meta(min_length=1, max_length=64)]], msgspec.Meta(max_length=1000)]
NewPassword = Annotated[str, msgspec.Meta(min_length=SHORTEST, max_length=LONGEST)]
Capacity = Annotated[int, msgspec.Meta(ge=0, le=1000)]


class MeBody(msgspec.Struct):
    presence: Presence | None = None
    capacity: Capacity | None = None
    version: int | None = None


class OperatorBody(msgspec.Struct):
    """What is missing stays. `accounts`: null: all there are and will be. `password`: a new one; their sessions
    end. `version`: the one this was decided on."""

    presence: Presence | None = None
    capacity: Capacity | None = None
    role: Role | None = None
    accounts: Accounts | UnsetType | None = UNSET
    password: NewPassword | None = None
    version: int | None = None


class NewOperatorBody(msgspec.Struct):
    """`accounts`: the only ones they see; missing or null: all. Without a `password` they are given a first token."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    role: Role = Role.OPERATOR
    accounts: Accounts | None = None
    capacity: Capacity | None = None
    password: NewPassword | None = None


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/me", role=Role.OPERATOR, answers=shapes.Operator)
    async def show_me(request: Request, operator: Operator) -> shapes.Operator:
        """Who one is."""
        return await _shown(request, operator.name)

    @route(blueprint, "PATCH", "/me", role=Role.OPERATOR, body=MeBody, answers=shapes.Operator, refusals=(409,))
    async def change_me(request: Request, operator: Operator, body: MeBody) -> shapes.Operator:
        """Change one's presence and capacity.

        Whoever goes offline gives what they have to the queue.
        """
        wanted = Wanted(capacity=body.capacity)
        return await _change(request, operator.name, wanted, body.presence, None, body.version)

    @route(blueprint, "GET", "/operators", role=Role.OPERATOR, answers=Items[shapes.Operator])
    async def list_operators(request: Request, operator: Operator) -> Items[shapes.Operator]:
        """Everybody who answers, whether they are there, and what they have."""
        return Items(items=await request.app.ctx.baton.db.read(all_shown))

    @route(blueprint, "GET", "/operators/<name:str>", role=Role.OPERATOR, answers=shapes.Operator)
    async def show_operator(request: Request, operator: Operator, name: str) -> shapes.Operator:
        """One of them."""
        return await _shown(request, unquote(name))

    @route(blueprint, "POST", "/operators", role=Role.ADMIN, body=NewOperatorBody, answers=NewOperator)
    async def add_operator(request: Request, operator: Operator, body: NewOperatorBody) -> NewOperator:
        """A new operator, with a password or a first token, which is shown this once."""
        need_all(operator)
        house = request.app.ctx.baton
        hashed = await house.sign_ins.hash(body.password, body.name) if body.password is not None else None
        sees = Seen(only=tuple(body.accounts)) if body.accounts is not None else None
        _note(sees, password=hashed is not None)
        token = await house.db.write(_add, body, sees, hashed, house.clock.now())
        return {"operator": await _shown(request, body.name), "token": token}

    @route(
        blueprint,
        "PATCH",
        "/operators/<name:str>",
        role=Role.SUPERVISOR,
        body=OperatorBody,
        answers=shapes.Operator,
        refusals=(409,),
    )
    async def change_operator(request: Request, operator: Operator, name: str, body: OperatorBody) -> shapes.Operator:
        """Change an operator.

        Supervisors: presence and capacity. Admins who see all accounts: role, accounts and password
        too; there is always an admin left.
        """
        if body.role is not None or body.accounts is not UNSET or body.password is not None:
            need(operator, Role.ADMIN)
            need_all(operator)
        sees = None if isinstance(body.accounts, UnsetType) else Seen(only=_tuple(body.accounts))
        wanted = Wanted(role=body.role, accounts=sees, capacity=body.capacity)
        return await _change(request, unquote(name), wanted, body.presence, body.password, body.version)

    @route(blueprint, "DELETE", "/operators/<name:str>", role=Role.ADMIN, answers=RemovedOperator, refusals=(409,))
    async def remove_operator(request: Request, operator: Operator, name: str) -> RemovedOperator:
        """Take an operator away. Their tokens end, and what they have goes to the queue."""
        need_all(operator)
        house = request.app.ctx.baton
        await house.sign_ins.tell_revoked(await house.ownership.remove_operator(unquote(name)))
        return {"name": unquote(name)}


def need_all(operator: Operator) -> None:
    """Who does not see all accounts makes nobody who does, of themselves neither."""
    if not operator.all_accounts:
        raise Forbidden(say("Operators are changed by admins who see all accounts."))


def _note(accounts: Seen | None, *, password: bool) -> None:
    """Codes that no rule about bodies knows of: which accounts they are to see, and that a password was set."""
    deed = deeds.in_hand()
    if deed is not None:
        sees = {} if accounts is None else {"accounts": None if accounts.only is None else list(accounts.only)}
        deed.facts = {**deed.facts, **sees, **({"password": "set"} if password else {})}


async def _change(
    request: Request, name: str, wanted: Wanted, presence: Presence | None, password: str | None, version: int | None
) -> shapes.Operator:
    """In one transaction: all of it, or nothing."""
    house = request.app.ctx.baton
    hashed = await house.sign_ins.hash(password, name) if password is not None else None
    _note(wanted.accounts, password=hashed is not None)
    ended: list[str] = []
    now = house.clock.now()

    def change(tx: Connection) -> None:
        staff.change(tx, name, wanted, now, version=version)
        ended[:] = set_password(tx, name, hashed) if hashed is not None else []

    if presence is not None:
        await house.ownership.set_presence(name, presence, first=change)
    else:
        await house.db.write(change)
    await house.sign_ins.tell_revoked(ended)
    return await _shown(request, name)


def _add(tx: Connection, body: NewOperatorBody, sees: Seen | None, hashed: str | None, now: datetime) -> str | None:
    staff.add(tx, body.name, body.role, Wanted(accounts=sees, capacity=body.capacity), now)
    if hashed is None:
        return operators.first_token(tx, body.name, now)
    set_password(tx, body.name, hashed)
    return None


def _tuple(accounts: list[str] | None) -> tuple[str, ...] | None:
    return None if accounts is None else tuple(accounts)


async def _shown(request: Request, name: str) -> shapes.Operator:
    shown: shapes.Operator = await request.app.ctx.baton.db.read(one_shown, name)
    return shown


def one_shown(tx: Connection, name: str) -> shapes.Operator:
    load = people.load(tx, [name])[name]
    return operator_json(operators.get(tx, name), load=load, teams=teams.of_operator(tx, name))


def all_shown(tx: Connection) -> list[shapes.Operator]:
    found = operators.all_of(tx)
    load, teams_of = people.load(tx, [each.name for each in found]), _memberships(tx)
    return [operator_json(each, load=load[each.name], teams=teams_of.get(each.name, [])) for each in found]


def _memberships(tx: Connection) -> dict[str, list[Team]]:
    found: dict[str, list[Team]] = {}
    for team in teams.all_of(tx):
        for name in teams.members(tx, team.id):
            found.setdefault(name, []).append(team)
    return found
