"""/api/v1/accounts/{id}/abilities: what can be sent from an account, and how much more of it today."""

from __future__ import annotations

from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection

from conversation import outbound
from conversation.account import Account
from conversation.account_limits import Spent
from handover.auth import route, visible_account
from handover.shapes.abilities import Abilities, Left
from runtime import initiating, spending
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/accounts/<account_id:str>/abilities", role=Role.OPERATOR, answers=Abilities)
    async def show_abilities(request: Request, operator: Operator, account_id: str) -> Abilities:
        """What its channel can be sent. What may be sent just now depends on the conversation: see its `may_send`."""
        account = await visible_account(request, operator, account_id)
        house = request.app.ctx.baton

        def left(tx: Connection, account: Account) -> Left:
            found = spending.left(tx, account, house.clock.now())
            return {"messages": found[Spent.MESSAGES], "paid": found[Spent.PAID]}

        return {
            "id": account.id,
            "channel": account.channel.value,
            "may_send": list(outbound.can(account.channel)),
            "left_today": await house.db.read(left, account),
            "first_left": await house.db.read(initiating.left, account, house.clock.now()),
        }
