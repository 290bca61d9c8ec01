"""/api/v1/teams: operators who share a queue."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import unquote

import msgspec
from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection

from conversation.people import Assignment, Team
from handover.account_bodies import Version
from handover.auth import route
from handover.schemas import team_json
from handover.shapes import people as shapes
from handover.shapes.page import Items
from store import teams
from store.operators import Operator, Role

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
_ONE = "/teams/<team:str>"
_MEMBER = _ONE + "/members/<name:str>"


class NewTeamBody(msgspec.Struct):
    """`assignment`: how its conversations find somebody."""

    name: Name
    assignment: Assignment = Assignment.HAND
    members: Annotated[list[str], msgspec.Meta(max_length=200)] = []


class TeamBody(msgspec.Struct):
    """What is not given stays. `version`: the one that was read; refused where somebody else has changed it since."""

    name: Name | None = None
    assignment: Assignment | None = None
    version: Version | None = None


class RemovedTeam(msgspec.Struct):
    """What is gone. `waiting`: how many conversations were in its queue, and are in everybody's now."""

    removed: str
    waiting: int


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/teams", role=Role.OPERATOR, answers=Items[shapes.Team])
    async def list_teams(request: Request, operator: Operator) -> Items[shapes.Team]:
        """Every team, and who is in it."""
        return Items(items=await request.app.ctx.baton.db.read(_all_shown))

    @route(blueprint, "POST", "/teams", role=Role.ADMIN, body=NewTeamBody, answers=shapes.Team, refusals=(404,))
    async def add_team(request: Request, operator: Operator, body: NewTeamBody) -> shapes.Team:
        """A new team."""
        house = request.app.ctx.baton

        def add(tx: Connection) -> shapes.Team:
            team = teams.add(tx, body.name.strip(), body.assignment, house.clock.now())
            for name in body.members:
                teams.join(tx, team.id, name)
            return _shown(tx, team)

        added: shapes.Team = await house.db.write(add)
        return added

    @route(blueprint, "GET", _ONE, role=Role.OPERATOR, answers=shapes.Team)
    async def show_team(request: Request, operator: Operator, team: str) -> shapes.Team:
        """One of them, by its id or its name."""
        shown: shapes.Team = await request.app.ctx.baton.db.read(lambda tx: _shown(tx, teams.get(tx, unquote(team))))
        return shown

    @route(blueprint, "PATCH", _ONE, role=Role.ADMIN, body=TeamBody, answers=shapes.Team, refusals=(409,))
    async def change_team(request: Request, operator: Operator, body: TeamBody, team: str) -> shapes.Team:
        """Its name, or how its conversations find somebody. What is not given stays."""
        name = None if body.name is None else body.name.strip()

        def change(tx: Connection) -> shapes.Team:
            changed = teams.change(tx, unquote(team), name=name, assignment=body.assignment, version=body.version)
            return _shown(tx, changed)

        changed: shapes.Team = await request.app.ctx.baton.db.write(change)
        return changed

    @route(blueprint, "DELETE", _ONE, role=Role.ADMIN, answers=RemovedTeam, refusals=(409,))
    async def remove_team(request: Request, operator: Operator, team: str) -> RemovedTeam:
        """Who waits for it waits for everybody from then on, in the same place of the line.

        Refused where an account sends its customers to it.
        """
        waiting: int = await request.app.ctx.baton.db.write(teams.remove, unquote(team))
        return RemovedTeam(removed=unquote(team), waiting=waiting)

    @route(blueprint, "PUT", _MEMBER, role=Role.ADMIN, answers=shapes.Team)
    async def join_team(request: Request, operator: Operator, team: str, name: str) -> shapes.Team:
        """An operator is in it from now on."""
        joined: shapes.Team = await request.app.ctx.baton.db.write(
            lambda tx: _shown(tx, teams.join(tx, unquote(team), unquote(name)))
        )
        return joined

    @route(blueprint, "DELETE", _MEMBER, role=Role.ADMIN, answers=shapes.Team)
    async def leave_team(request: Request, operator: Operator, team: str, name: str) -> shapes.Team:
        """And is no more. What they have stays theirs."""
        left: shapes.Team = await request.app.ctx.baton.db.write(
            lambda tx: _shown(tx, teams.leave(tx, unquote(team), unquote(name)))
        )
        return left


def _all_shown(tx: Connection) -> list[shapes.Team]:
    return [_shown(tx, team) for team in teams.all_of(tx)]


def _shown(tx: Connection, team: Team) -> shapes.Team:
    return {
        **team_json(team),
        "assignment": team.assignment.value,
        "members": teams.members(tx, team.id),
        "version": team.version,
    }
