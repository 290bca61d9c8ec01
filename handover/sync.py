"""/api/v1/accounts/{id}/sync: an account's past conversations, fetched from the channel: begin, follow, stop."""

from __future__ import annotations

from typing import Any

from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection

from conversation.account import Account, AccountId
from conversation.errors import Refused
from conversation.said import say
from conversation.sync import Sync, SyncKind
from handover.auth import route, visible_account
from handover.schemas import sync_json
from handover.shapes import accounts as shapes
from store import syncs
from store.operators import Operator, Role


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "POST", "/accounts/<account_id:str>/sync", role=Role.ADMIN, answers=shapes.Sync, refusals=(409,))
    async def begin_sync(request: Request, operator: Operator, account_id: str) -> shapes.Sync:
        """Begins to fetch what was said before.

        One that goes on already is answered with; one begun again skips what is there."""
        return sync_json(await begin(request, operator, await visible_account(request, operator, account_id)))

    @route(blueprint, "GET", "/accounts/<account_id:str>/sync", role=Role.OPERATOR, answers=shapes.Syncs)
    async def show_sync(request: Request, operator: Operator, account_id: str) -> dict[str, Any]:
        """How far fetching what was said before has come.

        The latest of the past; `gap`: the latest of what an outage made us miss, null where there was none.
        """
        account = await visible_account(request, operator, account_id)
        past, gap = await request.app.ctx.baton.db.read(_both, account.id)
        return {**(sync_json(past) if past else {"state": None}), "gap": sync_json(gap) if gap else None}

    @route(
        blueprint, "DELETE", "/accounts/<account_id:str>/sync", role=Role.ADMIN, answers=shapes.Sync, refusals=(409,)
    )
    async def stop_sync(request: Request, operator: Operator, account_id: str) -> shapes.Sync:
        """Stops it. What was fetched stays."""
        house, account = request.app.ctx.baton, await visible_account(request, operator, account_id)
        return sync_json(await house.db.write(_stop, account.id, house.clock.now()))


async def begin(request: Request, operator: Operator, account: Account) -> Sync:
    """Begins to fetch an account's past, or gives the one that goes on."""
    house = request.app.ctx.baton
    way_out = house.ways_out.get(account.channel.value)
    if way_out is None or way_out.past is None:
        told = say("{channel} tells nobody what was said before.", channel=account.channel.value)
        raise Refused(told, code="no_past")
    asked = {"by": operator.name, "now": house.clock.now()}
    begun: Sync = await house.db.write(syncs.ask, account.id, SyncKind.PAST, **asked)
    return begun


def _both(tx: Connection, account_id: AccountId) -> tuple[Sync | None, Sync | None]:
    return syncs.latest(tx, account_id, SyncKind.PAST), syncs.latest(tx, account_id, SyncKind.GAP)


def _stop(tx: Connection, account_id: AccountId, now: Any) -> Sync:
    found = syncs.latest(tx, account_id, SyncKind.PAST)
    if found is None:
        raise Refused(say("Nothing was ever fetched for this account."), code="no_sync")
    return syncs.stop(tx, found.id, now)
