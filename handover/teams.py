"""/api/v1/teams: operators who share a queue."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection

from handover.auth import route
from handover.schemas import team_json
from store import teams
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/teams", role=Role.OPERATOR)
    async def list_teams(request: Request, operator: Operator) -> dict[str, Any]:
        return {"items": await request.app.ctx.baton.db.read(_shown)}


def _shown(tx: Connection) -> list[dict[str, Any]]:
    return [
        {**team_json(team), "assignment": team.assignment.value, "members": teams.members(tx, team.id)}
        for team in teams.all_of(tx)
    ]
