"""/api/v1/statistics: how much was said, how long people waited, and what they thought of it."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from typing import Annotated

import msgspec
from sanic import Blueprint
from sanic.request import Request

from conversation import stretches
from conversation.account import Account, AccountId
from conversation.errors import BadInput
from conversation.said import say
from conversation.stretches import By, Stretches
from handover.auth import route, theirs, visible_account
from handover.schemas import instant
from handover.shapes import statistics as shapes
from store import accounts, statistics
from store.operators import Operator, Role
from store.statistics import Statistics

_USUAL = timedelta(days=6)  # and today
_UTC = "UTC"
_YEARS = (1971, 9000)
_TIMES = {"examples": ["2026-11-01", "2026-11-01T08:00:00-03:00"]}
When = Annotated[str, msgspec.Meta(max_length=40, extra_json_schema=_TIMES)]


class StatisticsQuery(msgspec.Struct):
    """`since`, `until`: dates by the clock of the account (from the beginning of the one to the end of the other), or
    instants with their offset; without them, the last seven days."""

    account: str | None = None
    since: When | None = None
    until: When | None = None
    by: By = By.DAY


def register(blueprint: Blueprint) -> None:
    @route(
        blueprint,
        "GET",
        "/statistics",
        role=Role.SUPERVISOR,
        query=StatisticsQuery,
        answers=shapes.Statistics,
        refusals=(404,),
    )
    async def show_statistics(request: Request, operator: Operator, query: StatisticsQuery) -> shapes.Statistics:
        """Of one account, or of all of yours.

        Days and hours are those of the account's time zone; of all accounts together, of the first one's.
        """
        house = request.app.ctx.baton
        account = None if query.account is None else await visible_account(request, operator, query.account)
        whose = account or await _first(request, operator)
        zone = zoneinfo.ZoneInfo(whose.handover.time_zone if whose else _UTC)
        time = _time(query, zone, house.clock.now())
        of: Collection[AccountId] | None = theirs(operator) if account is None else [account.id]
        found: Statistics = await house.db.read(statistics.between, time, of)
        return {
            "account_id": account.id if account else None,
            "time_zone": zone.key,
            "time_zone_of": whose.id if whose else None,
            "since": _shown(time.since, zone),
            "until": _shown(time.until, zone),
            "totals": _amounts(found.total),
            "first_human_reply": _waits(found.first_reply),
            "time_in_queue": _waits(found.in_queue),
            "by_the_assistant_alone": {
                "talks": found.alone.talks,
                "alone": found.alone.alone,
                "share": round(found.alone.alone / found.alone.talks, 4) if found.alone.talks else None,
            },
            "ratings": {"count": found.ratings.count, "mean": found.ratings.mean},
            "billed": dict(found.billed),
            "unread": {"messages": found.unread_messages, "conversations": found.unread_conversations},
            "series": [
                {
                    **_amounts(found.series[number].__getitem__),
                    "since": _shown(time.bounds[number], zone),
                    "until": _shown(time.bounds[number + 1], zone),
                }
                for number in range(len(time))
            ],
        }


async def _first(request: Request, operator: Operator) -> Account | None:
    found: list[Account] = await request.app.ctx.baton.db.read(accounts.all_of)
    return next((each for each in found if operator.may_see(each.id)), None)


def _time(query: StatisticsQuery, zone: zoneinfo.ZoneInfo, now: datetime) -> Stretches:
    until = now if query.until is None else moment("until", query.until, zone, ends=True)
    if query.since is None:
        since = stretches.midnight((until - timedelta(microseconds=1)).astimezone(zone).date() - _USUAL, zone)
    else:
        since = moment("since", query.since, zone, ends=False)
    return stretches.cut(since, until, query.by, zone)


def moment(name: str, text: str, zone: zoneinfo.ZoneInfo, *, ends: bool) -> datetime:
    """An instant, or where a date begins or, `ends`, ends. `name`: of the field that says so."""
    try:
        if len(text) == len("2026-11-01"):
            found = stretches.midnight(date.fromisoformat(text) + timedelta(days=1 if ends else 0), zone)
        else:
            found = datetime.fromisoformat(text.replace("Z", "+00:00").replace(" ", "+"))
        if found.tzinfo is not None and _YEARS[0] <= found.year <= _YEARS[1]:
            return found
    except (ValueError, OverflowError):
        pass
    raise BadInput(
        say("{name} is a date, 2026-11-01, or an instant with its offset, 2026-11-01T08:00:00-03:00.", name=name)
    )


def _shown(at: datetime, zone: zoneinfo.ZoneInfo) -> str:
    return instant(at.astimezone(zone)) or ""


def _amounts(count: Callable[[str], int]) -> shapes.Amounts:
    return {
        "messages_in": count("in"),
        "messages_out": {"bot": count("bot"), "operator": count("operator"), "system": count("system")},
        "conversations_started": count("started"),
        "taken": count("taken"),
        "requests": count("requests"),
        "expired": count("expired"),
        "failed_sends": count("failed"),
    }


def _waits(waits: statistics.Waits) -> shapes.Waits:
    return {"count": waits.count, "median_s": waits.median_s, "p90_s": waits.p90_s}
