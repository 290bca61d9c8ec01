"""/api/v1/me and /api/v1/operators: the people who answer, whether they are there, and what they have."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection

from conversation.people import Team
from handover import bodies
from handover.auth import body_of, route
from handover.schemas import operator_json
from store import operators, people, teams
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/me", role=Role.OPERATOR)
    async def show_me(request: Request, operator: Operator) -> dict[str, Any]:
        return await _shown(request, operator.name)

    @route(blueprint, "PATCH", "/me", role=Role.OPERATOR)
    async def change_me(request: Request, operator: Operator) -> dict[str, Any]:
        """Whoever goes offline gives what they have to the queue."""
        return await _change(request, operator.name)

    @route(blueprint, "GET", "/operators", role=Role.OPERATOR)
    async def list_operators(request: Request, operator: Operator) -> dict[str, Any]:
        return {"items": await request.app.ctx.baton.db.read(all_shown)}

    @route(blueprint, "PATCH", "/operators/<name:str>", role=Role.SUPERVISOR)
    async def change_operator(request: Request, operator: Operator, name: str) -> dict[str, Any]:
        return await _change(request, unquote(name))


async def _change(request: Request, name: str) -> dict[str, Any]:
    body: bodies.OperatorBody = body_of(request, bodies.OperatorBody)
    house = request.app.ctx.baton
    if body.capacity is not None:
        await house.db.write(people.set_capacity, name, body.capacity)
    if body.presence is not None:
        await house.ownership.set_presence(name, body.presence)
    return await _shown(request, name)


async def _shown(request: Request, name: str) -> dict[str, Any]:
    shown: dict[str, Any] = await request.app.ctx.baton.db.read(one_shown, name)
    return shown


def one_shown(tx: Connection, name: str) -> dict[str, Any]:
    load = people.load(tx, [name])[name]
    return operator_json(operators.get(tx, name), load=load, teams=teams.of_operator(tx, name))


def all_shown(tx: Connection) -> list[dict[str, Any]]:
    found = operators.all_of(tx)
    load, teams_of = people.load(tx, [each.name for each in found]), _memberships(tx)
    return [operator_json(each, load=load[each.name], teams=teams_of.get(each.name, [])) for each in found]


def _memberships(tx: Connection) -> dict[str, list[Team]]:
    found: dict[str, list[Team]] = {}
    for team in teams.all_of(tx):
        for name in teams.members(tx, team.id):
            found.setdefault(name, []).append(team)
    return found
