"""What is counted, by whose clock, and what each may see of it."""

from __future__ import annotations

import random
import zoneinfo
from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from conversation.conversation import ConversationId
from conversation.message import MessageStatus
from conversation.stretches import By, cut
from store import accounts, operators, people, statistics, tables
from store.operators import Role
from tests import services
from tests.handover.conftest import Api
from tests.house import ANA, BEN, CLARA, NUMBER, OTHER_NUMBER, START, Script, Stage, add_account


async def show(api: Api, query: str = "", by: str = "sonia") -> dict[str, Any]:
    status, shown = await api.get("/statistics" + query, by=by)
    assert status == 200, shown
    return dict(shown)


@pytest.fixture
async def a_day(stage: Stage, api: Api) -> None:
    """Ana is helped by the assistant alone; Ben asks for a person, who writes after ten minutes; nobody comes to Clara,
    whose account is another one."""
    await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
    await stage.hands_over(request_ttl_s=3600, waiting_updates=0)
    alone = await stage.hears("oi", phone=ANA)
    await stage.all_turns(alone)
    helped = await stage.asks_for_a_person(phone=BEN)
    stage.clock.wind(600)
    await stage.ownership.reply(helped, "Já vou!", by="ana")
    await stage.ownership.release(helped, by="ana")
    stage.dialogue.script.append(Script(says=[]))
    nobody = await stage.hears("alguém?", phone=CLARA, account=OTHER_NUMBER)
    await stage.all_turns(nobody)
    await stage.ownership.request(nobody, by="ben")
    await stage.later(20_000)
    await _rate(stage, helped, 4)
    await _rate(stage, helped, 5)
    await _fails(stage, helped)
    stage.clock.wind(1)


async def _rate(stage: Stage, conversation_id: ConversationId, score: int) -> None:
    now = stage.clock.now()
    row = {"conversation_id": conversation_id, "operator": "ana", "asked_at": now, "score": score, "at": now}
    await stage.db.write(lambda tx: tx.execute(tables.ratings.insert(), row))


async def _fails(stage: Stage, conversation_id: ConversationId) -> None:
    said = tables.messages
    of_operator = (said.c.conversation_id == conversation_id) & (said.c.author == "operator")
    failed = said.update().where(of_operator).values(status=MessageStatus.FAILED.value)
    await stage.db.write(lambda tx: tx.execute(failed))


async def test_what_happened_on_an_account_is_counted(stage: Stage, api: Api, a_day: None) -> None:
    shown = await show(api, f"?account={NUMBER}")
    totals = shown["totals"]
    assert (totals["messages_in"], totals["messages_out"]["operator"], totals["failed_sends"]) == (2, 1, 1)
    assert totals["messages_out"]["bot"] == 2
    assert (totals["conversations_started"], totals["taken"], totals["requests"], totals["expired"]) == (2, 1, 1, 0)
    assert shown["first_human_reply"] == {"count": 1, "median_s": 600.0, "p90_s": 600.0}
    assert shown["time_in_queue"] == {"count": 1, "median_s": 600.0, "p90_s": 600.0}
    assert shown["by_the_assistant_alone"] == {"talks": 2, "alone": 1, "share": 0.5}
    assert shown["ratings"] == {"count": 2, "mean": 4.5}
    assert shown["unread"]["conversations"] == 1  # Ana's: no person has looked at it
    assert (shown["account_id"], shown["time_zone"], shown["time_zone_of"]) == (
        *(stage.account.id, "America/Sao_Paulo"),
        stage.account.id,
    )


async def test_of_all_accounts_together_it_is_all_of_them_and_of_some_those(
    stage: Stage, api: Api, a_day: None
) -> None:
    def hire(tx: Any) -> str:
        token = operators.add(tx, "fora", Role.SUPERVISOR, START)
        people.set_accounts(tx, "fora", [accounts.get(tx, OTHER_NUMBER).id])
        return token

    api.tokens["fora"] = await stage.db.write(hire)
    everything, other = await show(api), await show(api, by="fora")
    names = ("messages_in", "requests", "expired", "conversations_started")
    assert [everything["totals"][name] for name in names] == [3, 2, 1, 3]
    assert [other["totals"][name] for name in names] == [1, 1, 1, 1]
    assert other["first_human_reply"] == {"count": 0, "median_s": None, "p90_s": None}
    assert other["by_the_assistant_alone"] == {"talks": 0, "alone": 0, "share": None}
    assert (other["time_zone_of"], other["unread"]["conversations"]) != (stage.account.id, 0)
    assert (await api.get(f"/statistics?account={NUMBER}", by="fora"))[0] == 404


async def test_days_and_hours_are_those_of_the_account(stage: Stage, api: Api) -> None:
    await stage.hands_over(time_zone="America/New_York")
    # The day on which clocks go back: between one and two o'clock there are two hours.
    for instant in ("2026-11-01T03:59", "2026-11-01T04:00", "2026-11-01T05:30", "2026-11-01T06:30", "2026-11-02T04:59"):
        stage.clock.wind((datetime.fromisoformat(instant + "+00:00") - stage.clock.now()).total_seconds())
        await stage.hears()
    shown = await show(api, f"?account={NUMBER}&since=2026-10-31&until=2026-11-01")
    assert [piece["messages_in"] for piece in shown["series"]] == [1, 4]
    assert (shown["since"], shown["until"]) == ("2026-10-31T00:00:00.000-04:00", "2026-11-02T00:00:00.000-05:00")
    shown = await show(api, f"?account={NUMBER}&since=2026-11-01&until=2026-11-01&by=hour")
    assert [piece["messages_in"] for piece in shown["series"]] == [1, 1, 1, *[0] * 21, 1]
    assert [piece["since"][11:] for piece in shown["series"][1:3]] == ["01:00:00.000-04:00", "01:00:00.000-05:00"]


async def test_what_is_at_a_bound_is_counted_once(stage: Stage, api: Api) -> None:
    for _ in range(3):
        await stage.hears()
        stage.clock.wind(3600)
    shown = await show(api, "?since=2026-03-02T12:00:00Z&until=2026-03-02T14:00:00Z&by=hour")
    assert [piece["messages_in"] for piece in shown["series"]] == [1, 1]


@services.sqlite_only
async def test_without_times_it_is_the_last_seven_days(stage: Stage, api: Api) -> None:
    shown = await show(api)
    assert (shown["since"], len(shown["series"])) == ("2026-02-24T00:00:00.000-03:00", 7)
    assert shown["until"] == "2026-03-02T09:00:00.000-03:00"


@services.sqlite_only
async def test_times_that_are_none_are_refused(api: Api) -> None:
    for query in (
        *("since=yesterday", "until=2026-13-01", "since=2026-03-01T00:00:00", "by=week", "account=x"),
        *("since=2026-03-02&until=2026-03-01", "since=1971-01-01", "since=0001-01-01", "until=9999-12-31"),
        "since=9999-12-31T23:59:59-12:00",
    ):
        assert (await api.get(f"/statistics?{query}", by="sonia"))[0] in (400, 404), query


@pytest.mark.parametrize("zone", ["America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe"])
@pytest.mark.parametrize("by", list(By))
async def test_every_message_is_in_the_piece_its_time_is_in(stage: Stage, zone: str, by: By) -> None:
    """Against counting one by one, over a night in which clocks are set."""
    conversation_id, chance = await stage.hears(), random.Random(7)
    since = datetime(2026, 10, 2, 13, 7, 30, tzinfo=timezone.utc)
    stretches = cut(since, since + timedelta(days=4), by, zoneinfo.ZoneInfo(zone))
    near = [*stretches.bounds, *(since + timedelta(seconds=chance.uniform(-9e4, 4.5e5)) for _ in range(300))]
    times = [at + timedelta(microseconds=chance.choice((-1, 0, 1))) for at in near]
    row = {"conversation_id": conversation_id, "direction": "inbound", "author": "contact", "kind": "text"}
    rows = [{**row, "content": {}, "status": "received", "at": at} for at in times]
    await stage.db.write(lambda tx: tx.execute(tables.messages.insert(), rows))
    counted = await stage.db.read(statistics.between, stretches, None)
    found = {number: each["in"] for number, each in enumerate(counted.series) if each["in"]}
    assert found == Counter(stretches.index(at) for at in times if since <= at < stretches.until)


async def test_what_is_billed_is_counted_by_category_of_the_accounts_one_may_see(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears("oi")
    for number in range(3):
        await stage.ownership.reply(conversation_id, f"{number}", by="ana")
    price = {"type": "regular"}
    async with stage.delivering():
        await stage.sent(3)
    for number, category in enumerate(["service", "marketing", "service"], 1):
        pricing = {**price, "category": category}
        await stage.report(f"wamid.out.{number}", MessageStatus.DELIVERED, pricing=pricing)
    stage.clock.wind(1)
    assert (await show(api))["billed"] == {"marketing": 1, "service": 2}
    await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
    other = (await stage.db.read(accounts.get, OTHER_NUMBER)).id
    assert (await show(api, f"?account={other}"))["billed"] == {}
