"""/api/v1/accounts: our numbers and Pages, their switches, and how each hands over."""

from __future__ import annotations

from typing import Any

import msgspec
from sanic import Blueprint
from sanic.request import Request

from conversation import handover_settings
from handover import bodies
from handover.auth import body_of, route, visible_account
from handover.schemas import account_json
from store import accounts
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/accounts", role=Role.OPERATOR)
    async def list_accounts(request: Request, operator: Operator) -> dict[str, Any]:
        found = await request.app.ctx.baton.db.read(accounts.all_of)
        return {"items": [account_json(each) for each in found if operator.may_see(each.id)]}

    @route(blueprint, "PATCH", "/accounts/<account_id:str>", role=Role.ADMIN)
    async def switch_account(request: Request, operator: Operator, account_id: str) -> dict[str, Any]:
        """With `in_flight` 0, nothing of the assistant's reaches Meta after a switch-off has been answered."""
        body: bodies.AccountBody = body_of(request, bodies.AccountBody)
        given = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not None}
        return await _change(request, operator, account_id, given)

    @route(blueprint, "PUT", "/accounts/<account_id:str>/handover", role=Role.ADMIN)
    async def set_handover(request: Request, operator: Operator, account_id: str) -> dict[str, Any]:
        """All settings; one that is not named has its default from then on."""
        settings = handover_settings.read(body_of(request, dict[str, Any]))
        return await _change(request, operator, account_id, {"handover": settings})


async def _change(request: Request, operator: Operator, account_id: str, changes: dict[str, Any]) -> dict[str, Any]:
    account = await visible_account(request, operator, account_id)
    changed, in_flight = await request.app.ctx.baton.ownership.change_account(account.id, **changes)
    return {**account_json(changed), "in_flight": in_flight}
