"""/api/v1/accounts/…/hours: when there are people, by the account's own clock."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sanic import Blueprint
from sanic.request import Request

from conversation import handover_settings
from conversation.account import Account
from conversation.errors import BadInput
from conversation.said import say
from handover import account_bodies, accounts, bodies
from handover.auth import route, visible_account
from handover.schemas import instant
from handover.shapes import account_setup as shapes
from store.operators import Operator, Role

_YEARS = (1971, 9000)


class HoursQuery(msgspec.Struct):
    """`at`: then, instead of now; with its offset."""

    at: bodies.Instant | None = None


def register(blueprint: Blueprint) -> None:
    @route(
        blueprint,
        "GET",
        "/accounts/<account_id:str>/hours",
        role=Role.OPERATOR,
        query=HoursQuery,
        answers=shapes.Hours,
    )
    async def show_hours(request: Request, operator: Operator, query: HoursQuery, account_id: str) -> shapes.Hours:
        """When there are people, and whether there are any now."""
        account = await visible_account(request, operator, account_id)
        at = query.at or request.app.ctx.baton.clock.now()
        if not _YEARS[0] <= at.year <= _YEARS[1]:
            raise BadInput(say("`at` is beyond all calendars."))
        return _hours_json(account, at)

    @route(
        blueprint,
        "PUT",
        "/accounts/<account_id:str>/hours",
        role=Role.ADMIN,
        body=account_bodies.HoursBody,
        answers=shapes.Hours,
        refusals=(409,),
    )
    async def set_hours(
        request: Request, operator: Operator, body: account_bodies.HoursBody, account_id: str
    ) -> shapes.Hours:
        """When there are people, from now on; deadlines that follow from it are worked out anew.

        They are part of the account's handover settings, the others of which stay.
        """
        account = await visible_account(request, operator, account_id)
        facts = handover_settings.plain(account.handover) | {
            "time_zone": body.time_zone,
            "hours": body.hours,
            "holidays": body.holidays,
        }
        changes = {"handover": handover_settings.read(facts)}
        # What was read here is written back: by the version it was read at nobody's change in between is lost.
        await accounts.change(request, operator, account.id, changes, body.version or account.version)
        changed = await visible_account(request, operator, account.id)
        return _hours_json(changed, request.app.ctx.baton.clock.now())


def _hours_json(account: Account, at: datetime) -> shapes.Hours:
    settings = account.handover
    opens_at = settings.opening.opens_at(at)
    return {
        "time_zone": settings.time_zone,
        "hours": None if settings.hours is None else {day: list(spans) for day, spans in settings.hours.items()},
        "holidays": list(settings.holidays),
        "at": instant(at.astimezone(settings.opening.zone)) or "",
        "open": settings.opening.is_open(at),
        "opens_at": None if opens_at is None else instant(opens_at.astimezone(settings.opening.zone)),
        "version": account.version,
    }
