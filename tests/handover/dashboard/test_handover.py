"""The inbox's buttons and the page of those who wait, on both generations of paths."""

from __future__ import annotations

import pytest

from conversation.agent import AgentStatus
from conversation.handover import Priority
from conversation.people import Presence
from store import conversations, people
from tests import services
from tests.handover.conftest import Api
from tests.handover.dashboard.conftest import Dashboard
from tests.house import ANA, BEN, OTHER_NUMBER, START, Stage, add_account

both_paths = pytest.mark.parametrize("prefix", ["/handover/conversations", "/conversations"])


@both_paths
async def test_a_person_has_it_after_human_and_the_assistant_after_bot(
    stage: Stage, ana: Dashboard, prefix: str
) -> None:
    conversation_id = await stage.hears()
    buttons = f"{prefix}/{conversation_id}/handover"
    status, human = await ana.post(f"{buttons}/human/")
    assert (status, human["success"], human["handover_status"], human["assigned_to"]) == (200, True, "human", "ana")
    assert (await stage.conversation(conversation_id)).owner == "ana"
    assert (await ana.post(f"{buttons}/human/"))[0] == 200, "a second click"
    status, bot = await ana.post(f"{buttons}/bot/", {"reason": "resolvido"})
    assert (status, bot["handover_status"], bot["assigned_to"]) == (200, "bot", None)
    assert (await ana.post(f"{buttons}/bot/", {}))[1]["handover_status"] == "bot", "it has it already"
    status, shown = await ana.get(f"{buttons}/status/")
    assert (shown["handover_status"], shown["last_transfer_reason"]) == ("bot", "resolvido")
    assert shown["last_transfer_at"] is not None
    _, log = await ana.get(f"{buttons}/logs/")
    assert [(each["from_status"], each["to_status"], each["performed_by"]) for each in log] == [
        ("human", "bot", "ana"),
        ("bot", "human", "ana"),
    ]
    assert all(isinstance(each["id"], str) and each["created_at"] for each in log)


@services.sqlite_only
async def test_what_another_has_stays_theirs_and_is_told_in_words(stage: Stage, dash: Dashboard) -> None:
    conversation_id = await stage.hears()
    buttons = f"/handover/conversations/{conversation_id}/handover"
    await stage.ownership.take(conversation_id, by="ben")
    status, refused = await dash.by("ana").post(f"{buttons}/human/")
    assert (status, refused["detail"]) == (400, "ben has this conversation.")
    assert (await dash.by("ana").post(f"{buttons}/bot/", {}))[0] == 400
    assert (await stage.conversation(conversation_id)).owner == "ben"
    assert (await dash.by("sonia").post(f"{buttons}/bot/", {}))[1]["handover_status"] == "bot", "a supervisor may"


@services.sqlite_only
async def test_it_is_given_to_whom_the_page_names(stage: Stage, ana: Dashboard) -> None:
    conversation_id = await stage.hears()
    await stage.db.write(people.set_presence, "ben", Presence.ONLINE, START)
    buttons = f"/handover/conversations/{conversation_id}/handover"
    status, given = await ana.post(f"{buttons}/human/", {"assigned_to_id": "ben"})
    assert (status, given["handover_status"], given["assigned_to_name"]) == (200, "human", "ben")
    for nobody in ("7d2f0a52-0000-4000-8000-000000000000", 17):
        assert (await ana.post(f"{buttons}/human/", {"assigned_to_id": nobody}))[0] in (400, 404)
    assert (await stage.conversation(conversation_id)).owner == "ben"


@services.sqlite_only
async def test_while_no_assistant_may_answer_bot_says_that_it_waits_for_a_person(stage: Stage, ana: Dashboard) -> None:
    conversation_id = await stage.hears()
    await ana.post(f"/handover/conversations/{conversation_id}/handover/human/")
    await stage.ownership.switch_agent(stage.agent.name, AgentStatus.INACTIVE)
    status, told = await ana.reading("pt").post(f"/handover/conversations/{conversation_id}/handover/bot/", {})
    assert (status, told["success"], told["handover_status"], told["status_display"]) == (
        *(200, True),
        *("pending", "esperando uma pessoa"),
    )


async def test_the_page_of_those_who_wait_shows_them_and_the_last_who_do_not(stage: Stage, ana: Dashboard) -> None:
    waits, ends = await stage.hears(), await stage.hears(phone=BEN)
    status, asked = await ana.post(
        f"/handover/conversations/{ends}/handover/request/", {"reason": "troca", "priority": "urgent"}
    )
    assert (status, asked["success"], asked["status"]) == (201, True, "pending")
    await stage.ownership.cancel(ends, by="ana")
    await stage.ownership.request(waits, by="customer", reason="asked", priority=Priority.HIGH)
    status, listed = await ana.get("/handover/requests/")
    assert (status, listed["count"], listed["next"]) == (200, 2, None)
    first, second = listed["results"]
    assert (first["conversation"], first["status"], first["priority"], first["requested_by"]) == (
        *(waits, "pending"),
        *("high", "customer"),
    )
    assert (second["id"], second["status"], second["priority"], second["reason"]) == (
        *(asked["request_id"], "expired"),  # taken back: nobody has refused it
        *("urgent", "troca"),
    )
    assert all(isinstance(each[name], str) for each in (first, second) for name in ("id", "created_at", "status"))


async def test_who_is_approved_has_a_person_and_a_second_click_is_a_bad_request(stage: Stage, ana: Dashboard) -> None:
    conversation_id = await stage.asks_for_a_person()
    (request,) = (await ana.get("/handover/requests/"))[1]["results"]
    path = f"/handover/requests/{request['id']}"
    status, approved = await ana.post(f"{path}/approve/", {})
    assert (status, approved["success"], approved["conversation_id"], approved["assigned_to"]) == (
        *(200, True),
        *(conversation_id, "ana"),
    )
    now = await stage.db.read(conversations.get, conversation_id)
    assert (now.state.value, now.owner) == ("human", "ana")
    for again in ("approve", "reject"):
        status, refused = await ana.post(f"{path}/{again}/")
        assert (status, refused["error"]["code"]) == (400, "request_approved")
    (shown,) = (await ana.get("/handover/requests/"))[1]["results"]
    assert (shown["status"], shown["approved_by"], shown["approved_at"] is not None) == ("approved", "ana", True)


@services.sqlite_only
async def test_who_is_rejected_stays_with_the_assistant(stage: Stage, ana: Dashboard) -> None:
    conversation_id = await stage.asks_for_a_person()
    (request,) = (await ana.get("/handover/requests/"))[1]["results"]
    status, rejected = await ana.post(f"/handover/requests/{request['id']}/reject/")
    assert (status, rejected["success"]) == (200, True)
    assert (await stage.conversation(conversation_id)).state.value == "bot"
    (shown,) = (await ana.get("/handover/requests/"))[1]["results"]
    assert (shown["status"], shown["approved_by"], shown["approved_at"]) == ("rejected", None, None)


@services.sqlite_only
async def test_a_wish_where_nothing_is_handed_over_is_told_as_refused(stage: Stage, ana: Dashboard) -> None:
    await stage.hands_over(enabled=False)
    conversation_id = await stage.hears()
    status, asked = await ana.post(f"/conversations/{conversation_id}/handover/request/")
    assert (status, asked["success"], asked["status"]) == (201, False, "rejected")


@services.sqlite_only
async def test_what_is_of_another_account_is_not_there(stage: Stage, api: Api, dash: Dashboard) -> None:
    conversation_id = await stage.asks_for_a_person(phone=ANA)
    other = await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
    await stage.db.write(people.set_accounts, "ben", [other.id])
    ben = dash.by("ben")
    (request,) = (await dash.get("/handover/requests/"))[1]["results"]
    assert (await ben.get("/handover/requests/"))[1]["results"] == []
    assert (await ben.get("/handover/logs/"))[1]["results"] == []
    assert (await dash.get("/handover/logs/"))[1]["results"] != []
    for word in ("approve", "reject"):
        assert (await ben.post(f"/handover/requests/{request['id']}/{word}/"))[0] == 404
    assert (await dash.post(f"/handover/requests/{request['id']}/reject/"))[0] == 200
    assert (await ben.get("/handover/requests/"))[1]["results"] == [], "nor one that is over"
    for method, word in (("POST", "human"), ("POST", "bot"), ("POST", "request"), ("GET", "status"), ("GET", "logs")):
        path = f"/handover/conversations/{conversation_id}/handover/{word}/"
        assert (await ben.call(method, path))[0] == 404, word


@services.sqlite_only
@pytest.mark.parametrize("number", ["0", "99999", "-1", str(2**70), "abc", "7d2f0a52-0000-4000-8000-000000000000"])
async def test_what_is_no_number_of_ours_is_not_there(ana: Dashboard, number: str) -> None:
    status, refused = await ana.post(f"/handover/requests/{number}/approve/", {})
    assert (status, refused["error"]["code"], isinstance(refused["detail"], str)) == (404, "not_found", True)
