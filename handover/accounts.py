"""/api/v1/accounts: our numbers and Pages, their switches, and how each hands over."""

from __future__ import annotations

from typing import Any

import msgspec
from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection

from conversation import channel_settings, handover_settings
from conversation.account import Account
from conversation.errors import BadInput
from handover import bodies
from handover.auth import body_of, route, visible_account
from handover.schemas import account_json
from store import account_aliases, accounts
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/accounts", role=Role.OPERATOR)
    async def list_accounts(request: Request, operator: Operator) -> dict[str, Any]:
        found = await request.app.ctx.baton.db.read(_all_of)
        return {"items": [account_json(each, others) for each, others in found if operator.may_see(each.id)]}

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

    @route(blueprint, "PUT", "/accounts/<account_id:str>/channel", role=Role.ADMIN)
    async def set_channel(request: Request, operator: Operator, account_id: str) -> dict[str, Any]:
        """All settings it has by its channel; one that is not named has its default. The sign-in is for life."""
        account = await visible_account(request, operator, account_id)
        login = account.channel_settings.login
        settings = channel_settings.read({"login": login.value, **body_of(request, dict[str, Any])})
        if settings.login is not login:
            raise BadInput(f"Its login is {login.value} for life: add the account anew for another.")
        return await _change(request, operator, account_id, {"channel_settings": settings})


async def _change(request: Request, operator: Operator, account_id: str, changes: dict[str, Any]) -> dict[str, Any]:
    account = await visible_account(request, operator, account_id)
    house, others = request.app.ctx.baton, changes.pop("also_known_as", None)
    if others is not None:
        await house.db.write(account_aliases.put, account.channel, account.id, others)
    changed, in_flight = await house.ownership.change_account(account.id, **changes)
    known_as = await house.db.read(account_aliases.of_account, account.id)
    return {**account_json(changed, known_as), "in_flight": in_flight}


def _all_of(tx: Connection) -> list[tuple[Account, list[str]]]:
    return [(account, account_aliases.of_account(tx, account.id)) for account in accounts.all_of(tx)]
