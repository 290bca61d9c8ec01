"""The feed of notices: told at once, told once, and never in the way of a gateway that stops."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

import pytest
import sqlalchemy as sa

from conversation.people import Presence
from store import notices, operators, people
from store.operators import Role
from store.tables import notices as table
from tests import services
from tests.handover.conftest import Api
from tests.house import ANA, BEN, DEADLINE_S, OTHER_NUMBER, START, Stage, add_account, eventually


@pytest.fixture(autouse=True)
async def seen_already(stage: Stage, api: Api) -> None:
    """That somebody is seen is written, too; here it has been."""
    for name in api.tokens:
        await stage.db.write(people.seen, name, START)


async def poll(api: Api, after: int, *, by: str = "ana", wait: int = 25) -> asyncio.Task[Any]:
    """A long request, once it is under way."""
    before = len(api.house.wake._listeners)
    task = asyncio.create_task(api.get(f"/notices?after={after}&wait={wait}", by=by))
    await eventually(lambda: task.done() or len(api.house.wake._listeners) > before, "the request is under way")
    return task


async def start(api: Api) -> int:
    status, body = await api.get("/notices")
    assert (status, body["items"]) == (200, [])
    return int(body["last"])


async def test_what_happens_is_told_at_once(stage: Stage, api: Api) -> None:
    last = await start(api)
    task = await poll(api, last)
    began = time.monotonic()
    conversation_id = await stage.hears("oi")
    status, body = await asyncio.wait_for(task, DEADLINE_S)
    assert time.monotonic() - began < DEADLINE_S  # it would have waited 25 s
    (notice,) = body["items"]
    assert (status, notice["kind"], notice["conversation_id"]) == (200, "message", conversation_id)
    assert body["last"] == notice["id"] > last


async def test_what_came_before_is_told_without_waiting(stage: Stage, api: Api) -> None:
    last = await start(api)
    conversation_id = await stage.hears()
    await stage.ownership.take(conversation_id, by="ana")
    _, body = await api.get(f"/notices?after={last}&wait=25")
    assert [item["kind"] for item in body["items"]] == ["message", "handover", "operator"]
    facts = body["items"][1]["facts"]
    assert (facts["state"], facts["owner"], facts["command"]) == ("human", "ana", "take")
    assert await start(api) == body["last"]


async def test_nothing_is_an_answer_too(api: Api) -> None:
    last = await start(api)
    assert await api.get(f"/notices?after={last}") == (200, {"items": [], "last": last, "anew": False})


async def test_who_follows_a_database_of_before_is_told_so_at_once(api: Api) -> None:
    told = {"items": [], "last": await start(api), "anew": True}
    assert await api.get("/notices?after=999999&wait=25") == (200, told)


async def test_what_is_not_theirs_is_not_told_and_not_waited_over(stage: Stage, api: Api) -> None:
    other = await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)

    def add(tx: Any) -> str:
        token = operators.add(tx, "lia", Role.OPERATOR, START)
        people.set_accounts(tx, "lia", [other.id])
        people.seen(tx, "lia", START)
        return token

    api.tokens["lia"] = await stage.db.write(add)
    task = await poll(api, await start(api), by="lia")
    await stage.hears(phone=ANA)
    hers = await stage.hears(phone=BEN, account=OTHER_NUMBER)
    await stage.db.write(people.set_presence, "ben", Presence.ONLINE, START)
    _, body = await asyncio.wait_for(task, DEADLINE_S)
    told = [item["conversation_id"] for item in body["items"]]
    if None not in told:  # the last one may have come a moment later
        told += [
            item["conversation_id"] for item in (await api.get(f"/notices?after={body['last']}", by="lia"))[1]["items"]
        ]
    assert told == [hers, None]


@services.sqlite_only
async def test_of_other_operators_those_are_told_who_share_an_account(stage: Stage, api: Api) -> None:
    other = await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
    await stage.db.write(people.set_accounts, "ana", [other.id])
    await stage.db.write(people.set_accounts, "ben", [stage.account.id])
    last = await start(api)
    for name in ("ben", "sonia"):
        await stage.db.write(people.set_presence, name, Presence.ONLINE, START)
    _, body = await api.get(f"/notices?after={last}")
    assert [item["facts"]["name"] for item in body["items"]] == ["sonia"]
    _, body = await api.get(f"/notices?after={last}", by="chefe")
    assert [item["facts"]["name"] for item in body["items"]] == ["ben", "sonia"]


async def test_a_bell_that_is_lost_costs_time_only(stage: Stage, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handover.notices._LOOK_S", 0.05)
    monkeypatch.setattr(stage.wake, "listening", lambda: contextlib.nullcontext(asyncio.Event()))
    last = await start(api)
    task = asyncio.create_task(api.get(f"/notices?after={last}&wait=25"))
    await stage.hears()
    _, body = await asyncio.wait_for(task, DEADLINE_S)
    assert len(body["items"]) == 1


async def test_whoever_waits_is_answered_when_the_gateway_stops(stage: Stage, api: Api) -> None:
    last = await start(api)
    waiting = [await poll(api, last, by=name) for name in ("ana", "ben")]
    api.app.ctx.closing.set()
    api.house.wake.ring()
    for status, body in await asyncio.wait_for(asyncio.gather(*waiting), DEADLINE_S):
        assert (status, body) == (200, {"items": [], "last": last, "anew": False})
    assert await api.get(f"/notices?after={last}&wait=25") == (200, {"items": [], "last": last, "anew": False})


async def test_who_goes_away_is_forgotten(api: Api) -> None:
    others = len(api.house.wake._listeners)
    task = await poll(api, await start(api))
    task.cancel()
    await eventually(lambda: len(api.house.wake._listeners) == others, "it is forgotten")


async def test_it_holds_no_connection_while_it_waits(stage: Stage, api: Api) -> None:
    last = await start(api)
    polls = [await poll(api, last) for _ in range(20)]
    assert stage.db.engine.pool.checkedout() < 10  # type: ignore[attr-defined]
    assert (await api.get("/conversations"))[0] == 200
    await stage.hears()
    assert all([status == 200 for status, _ in await asyncio.wait_for(asyncio.gather(*polls), DEADLINE_S)])


@pytest.mark.parametrize("query", ["after=x", "after=-1", "after=1&wait=x", "after=1&wait=-1"])
async def test_a_question_that_can_not_be_read_is_refused(api: Api, query: str) -> None:
    assert (await api.get(f"/notices?{query}"))[0] == 400


async def test_who_went_on_from_what_is_kept_no_longer_reads_all_anew(stage: Stage, api: Api) -> None:
    for kind in ("one", "two", "three"):
        await stage.db.write(notices.add, kind, None, {}, stage.clock.now())
    _, body = await api.get("/notices?after=0")
    first, second, third = (item["id"] for item in body["items"])
    await stage.db.write(_remove, 2)
    assert (await api.get(f"/notices?after={first}"))[1] == {"items": [], "last": third, "anew": True}
    _, body = await api.get(f"/notices?after={second}")
    assert ([item["id"] for item in body["items"]], body["anew"]) == ([third], False)
    await stage.db.write(_remove, 1)
    assert (await api.get(f"/notices?after={second}"))[1] == {"items": [], "last": third, "anew": True}
    await stage.db.write(notices.add, "four", None, {}, stage.clock.now())
    _, body = await api.get(f"/notices?after={third}")
    assert [item["id"] for item in body["items"]] == [third + 1]


def _remove(tx: Any, many: int) -> None:
    oldest = sa.select(table.c.id).order_by(table.c.id).limit(many)
    tx.execute(table.delete().where(table.c.id.in_([row.id for row in tx.execute(oldest)])))
