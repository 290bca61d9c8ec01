"""/api/v1/notices: what happens, as it happens, by one long request after another."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

from sanic import Blueprint
from sanic.request import Request
from sqlalchemy.engine import Connection

from handover.auth import route, theirs
from handover.queries import NoticesQuery
from handover.schemas import entry_json
from handover.shapes.notices import Notices
from runtime import numbering, wake
from store import feed, standing
from store.database import Database
from store.feed import Told
from store.operators import Operator, Role

_LONGEST_S = 25
#: Between two looks: everything that is written rings, whatever it is.
_PAUSE_S = 0.05
#: A lost ring costs so much time.
_LOOK_S = 2.0


def register(blueprint: Blueprint) -> None:
    @route(blueprint, "GET", "/notices", role=Role.OPERATOR, query=NoticesQuery, answers=Notices)
    async def list_notices(request: Request, operator: Operator, query: NoticesQuery) -> Notices:
        """What happened after a number, or happens within so many seconds; without `after` only where to go on from.

        `anew`: what came next is kept no longer, so that all must be read anew; nothing is told then but `last`.
        """
        house, after = request.app.ctx.baton, query.after
        if after is None:
            return {"items": [], "last": await _newest(house.db)}
        told = await _news(request, operator, after, min(query.wait, _LONGEST_S))
        return {"items": [entry_json(each) for each in told.items], "last": told.last, "anew": told.anew}


async def _news(request: Request, operator: Operator, after: int, wait_s: float) -> Told:
    """As soon as there is something, or what there is by then. No connection to the database is held meanwhile."""
    house, loop = request.app.ctx.baton, asyncio.get_running_loop()
    deadline = loop.time() + wait_s
    with house.wake.listening() as bell:
        while True:
            bell.clear()
            await numbering.number_all(house.db)
            told: Told = await house.db.read(_told, operator, after, house.clock.now())
            left_s = deadline - loop.time()
            if told.items or told.anew or left_s <= 0 or _closing(request):
                return told
            after = told.last  # what is not theirs is not read again
            await wake.wait(bell, min(left_s, _LOOK_S))
            await asyncio.sleep(min(_PAUSE_S, max(left_s, 0)))


def _told(tx: Connection, operator: Operator, after: int, now: datetime) -> Told:
    """What of it is for them; of other operators, those they share an account with."""
    told = feed.after(tx, after, account_ids=theirs(operator))
    if operator.all_accounts or all(each["kind"] != "operator" for each in told.items):
        return told
    people = standing.read(tx, (), now)
    items = [
        each
        for each in told.items
        if each["kind"] != "operator" or people.share_an_account(operator, each["facts"]["name"])
    ]
    return replace(told, items=items)


async def _newest(db: Database) -> int:
    """What is committed by now is counted in."""
    await numbering.number_all(db)
    return await db.read(feed.newest)


def _closing(request: Request) -> bool:
    """Whether the server stops: whoever waits is answered, and asks its successor."""
    closing: asyncio.Event | None = getattr(request.app.ctx, "closing", None)
    return closing is not None and closing.is_set()
