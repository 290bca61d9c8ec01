"""What an operator orders, and what the one who was slower, or may not, is told."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from conversation import window
from conversation.account import Channel
from conversation.people import Assignment, Presence
from store import people, requests, teams
from tests import services
from tests.handover.conftest import Api
from tests.house import START, Stage

Step = tuple[str, str, dict[str, Any]]

TAKE: Step = ("ana", "take", {})
REQUEST: Step = ("ana", "request", {"priority": "high"})
LATER = (START + timedelta(hours=3)).isoformat()

#: What was ordered before, what is ordered, by whom, and how it stands then.
TABLE: Mapping[str, tuple[list[Step], Step, tuple[str, str, Any]]] = {
    "take": ([], ("ana", "take", {}), ("human", "open", "ana")),
    "take on what was seen": ([], ("ana", "take", {"ownership": 0}), ("human", "open", "ana")),
    "a supervisor takes what another has": ([TAKE], ("sonia", "take", {"force": True}), ("human", "open", "sonia")),
    "reply takes first": ([], ("ana", "reply", {"text": "Sou a Ana."}), ("human", "open", "ana")),
    "release": ([TAKE], ("ana", "release", {}), ("bot", "open", None)),
    "release and answer": ([TAKE], ("ana", "release", {"answer_last": True}), ("bot", "open", None)),
    "a supervisor gives back": ([TAKE], ("sonia", "release", {}), ("bot", "open", None)),
    "transfer": ([TAKE], ("ana", "transfer", {"operator": "ben", "note": "é seu"}), ("human", "open", "ben")),
    "transfer to a team": ([TAKE], ("ana", "transfer", {"team": "Cozinha"}), ("pending", "open", None)),
    "a supervisor hands on": ([TAKE], ("sonia", "transfer", {"operator": "ben"}), ("human", "open", "ben")),
    "to somebody offline": (
        [TAKE],
        ("sonia", "transfer", {"operator": "chefe", "force": True}),
        ("human", "open", "chefe"),
    ),
    "resolve": ([TAKE], ("ana", "resolve", {}), ("bot", "resolved", None)),
    "close": ([TAKE], ("ana", "close", {}), ("bot", "closed", None)),
    "reopen": ([TAKE, ("ana", "close", {})], ("ben", "reopen", {}), ("bot", "open", None)),
    "snooze for a while": ([TAKE], ("ana", "snooze", {"minutes": 30}), ("human", "snoozed", "ana")),
    "snooze until then": ([TAKE], ("ana", "snooze", {"until": LATER}), ("human", "snoozed", "ana")),
    "ask for a person": (
        [],
        ("ana", "request", {"reason": "allergy", "priority": "urgent"}),
        ("pending", "open", None),
    ),
    "nobody is wanted": ([REQUEST], ("ana", "cancel", {}), ("bot", "open", None)),
}


async def order(stage: Stage, api: Api, conversation_id: str, step: Step) -> tuple[int, Any]:
    by, word, body = step
    return await api.post(f"/conversations/{conversation_id}/{word}", by=by, body=body)


@pytest.fixture
async def conversation_id(stage: Stage) -> str:
    """Of a customer who wrote a moment ago. Ben is there, and so is a team."""
    await stage.db.write(people.set_presence, "ben", Presence.ONLINE, START)
    await stage.db.write(teams.add, "Cozinha", Assignment.HAND, START)
    return await stage.hears()


@pytest.fixture(autouse=True)
def operators_first(api: Api) -> None:
    """The operators are there before anything else is."""


@services.sqlite_only
@pytest.mark.parametrize("case", TABLE)
async def test_it_is_done_and_told(stage: Stage, api: Api, conversation_id: str, case: str) -> None:
    before, step, (state, status, owner) = TABLE[case]
    for each in before:
        assert (await order(stage, api, conversation_id, each))[0] == 200
    code, done = await order(stage, api, conversation_id, step)
    assert (code, done["state"], done["status"], done["owner"]) == (200, state, status, owner), done
    assert (done["id"], done["in_flight"]) == (conversation_id, 0)
    _, shown = await api.get(f"/conversations/{conversation_id}/handover")
    assert {name: shown[name] for name in ("state", "status", "owner", "ownership")} == {
        name: done[name] for name in ("state", "status", "owner", "ownership")
    }
    _, log = await api.get(f"/conversations/{conversation_id}/log")
    entry = log["items"][-1]
    assert (entry["by"], entry["command"]) == step[:2]
    assert (entry["after"], entry["status_after"], entry["owner_after"]) == (state, status, owner)


REFUSED: Mapping[str, tuple[list[Step], Step, int, str]] = {
    "somebody else has it": ([TAKE], ("ben", "take", {}), 409, "not_owner"),
    "an operator can't force": ([TAKE], ("ben", "take", {"force": True}), 403, "forbidden"),
    "not even a supervisor writes in another's": ([TAKE], ("sonia", "reply", {"text": "oi"}), 409, "not_owner"),
    "to somebody offline": ([TAKE], ("sonia", "transfer", {"operator": "chefe"}), 409, "offline"),
    "to nobody known": ([TAKE], ("ana", "transfer", {"operator": "zoe"}), 409, "unknown_operator"),
    "to no team": ([TAKE], ("ana", "transfer", {"team": "x"}), 404, "not_found"),
    "to both": ([TAKE], ("ana", "transfer", {"team": "Cozinha", "operator": "ben"}), 400, "bad_input"),
    "to neither": ([TAKE], ("ana", "transfer", {}), 400, "bad_input"),
    "snoozed until the past": ([TAKE], ("ana", "snooze", {"until": "2020-01-01T00:00:00Z"}), 400, "bad_input"),
    "snoozed until nobody knows when": ([TAKE], ("ana", "snooze", {"until": "2026-03-02T15:00:00"}), 400, "bad_input"),
    "snoozed without an end": ([TAKE], ("ana", "snooze", {}), 400, "bad_input"),
    "put off by who has not got it": ([], ("ana", "snooze", {"minutes": 5}), 409, "snooze_in_bot"),
    "a priority there is not": ([], ("ana", "request", {"priority": "now"}), 400, "bad_input"),
    "given back to who has it": ([], ("ana", "release", {}), 409, "release_in_bot"),
}


@services.sqlite_only
@pytest.mark.parametrize("case", REFUSED)
async def test_it_is_refused_by_name_and_nothing_changes(
    stage: Stage, api: Api, conversation_id: str, case: str
) -> None:
    before, step, status, code = REFUSED[case]
    for each in before:
        assert (await order(stage, api, conversation_id, each))[0] == 200
    stood = await stage.conversation(conversation_id)  # type: ignore[arg-type]
    answered, body = await order(stage, api, conversation_id, step)
    assert (answered, body["error"]["code"]) == (status, code)
    assert await stage.conversation(conversation_id) == stood  # type: ignore[arg-type]


async def test_two_who_saw_the_same_number_and_the_slower_hears_who_won(
    stage: Stage, api: Api, conversation_id: str
) -> None:
    _, seen = await api.get(f"/conversations/{conversation_id}")
    body = {"text": "Pode deixar.", "ownership": seen["ownership"]}
    both = await asyncio.gather(
        *(api.post(f"/conversations/{conversation_id}/reply", by=name, body=body) for name in ("ana", "ben"))
    )
    (winner,) = [done for status, done in both if status == 200]
    (loser,) = [answer["error"] for status, answer in both if status == 409]
    assert (loser["code"], loser["owner"]) == ("moved", winner["owner"])
    assert winner["owner"] in loser["message"]
    assert len(await stage.outbox()) == 1


class TestOutsideTheWindow:
    async def test_a_reply_is_refused_with_the_rule_and_takes_nothing(
        self, stage: Stage, api: Api, conversation_id: str
    ) -> None:
        api.language = None  # Portuguese, where nobody says otherwise
        stage.clock.wind(window.OPEN_FOR.total_seconds())
        status, body = await api.post(f"/conversations/{conversation_id}/reply", body={"text": "Ainda quer?"})
        assert (status, body["error"]["code"], body["error"]["may_send"]) == (409, "window_closed", ["template"])
        assert body["error"]["message"] == window.rule(Channel.WHATSAPP).words["pt"]
        conversation = await stage.conversation(conversation_id)  # type: ignore[arg-type]
        assert (conversation.state.value, conversation.owner) == ("bot", None)
        assert await stage.outbox() == []
        assert [m.text for m in await stage.messages(conversation_id)] == ["oi"]  # type: ignore[arg-type]

    async def test_the_rule_is_told_in_the_readers_language(self, stage: Stage, api: Api, conversation_id: str) -> None:
        stage.clock.wind(window.OPEN_FOR.total_seconds())
        headers = {"Authorization": f"Bearer {api.tokens['ana']}", "Accept-Language": "en-GB,en;q=0.9,pt;q=0.5"}
        address = f"{api.address}/api/v1/conversations/{conversation_id}/reply"
        async with api.session.post(address, json={"text": "oi"}, headers=headers) as response:
            assert (await response.json())["error"]["message"] == window.rule(Channel.WHATSAPP).words["en"]

    async def test_a_moment_before_it_closes_it_is_sent(self, stage: Stage, api: Api, conversation_id: str) -> None:
        stage.clock.wind(window.OPEN_FOR.total_seconds() - 1)
        status, _ = await api.post(f"/conversations/{conversation_id}/reply", body={"text": "Ainda quer?"})
        assert status == 200
        assert len(await stage.outbox()) == 1


class TestRequests:
    @pytest.fixture
    async def request_id(self, stage: Stage, api: Api, conversation_id: str) -> int:
        assert (await order(stage, api, conversation_id, REQUEST))[0] == 200
        (request,) = await stage.db.read(requests.of_conversation, conversation_id)
        return request.id

    async def test_they_are_listed_and_shown(self, api: Api, conversation_id: str, request_id: int) -> None:
        _, listed = await api.get("/requests?state=pending")
        (item,) = listed["items"]
        assert (item["id"], item["conversation_id"], item["priority"]) == (request_id, conversation_id, "high")
        assert (item["reason"], item["asked_by"], listed["next"]) == ("operator", "ana", None)
        assert await api.get(f"/requests/{request_id}") == (200, item)
        assert (await api.get("/requests?state=expired"))[1]["items"] == []
        assert (await api.get("/requests?state=x"))[0] == 400

    async def test_they_come_in_pages(self, stage: Stage, api: Api, conversation_id: str, request_id: int) -> None:
        for word in ("cancel", "request", "cancel", "request"):
            assert (await order(stage, api, conversation_id, ("ana", word, {})))[0] == 200
        _, first = await api.get("/requests?limit=2")
        _, second = await api.get(f"/requests?limit=2&after={first['next']}")
        found = [each["id"] for page in (first, second) for each in page["items"]]
        assert found == sorted(found, reverse=True)
        assert (found[-1], second["next"]) == (request_id, None)

    async def test_who_approves_has_it(self, api: Api, request_id: int) -> None:
        status, done = await api.post(f"/requests/{request_id}/approve")
        assert (status, done["state"], done["owner"]) == (200, "human", "ana")
        assert (await api.get(f"/requests/{request_id}"))[1]["state"] == "approved"

    async def test_or_whom_they_name(self, api: Api, request_id: int) -> None:
        assert (await api.post(f"/requests/{request_id}/approve", body={"operator": "chefe"}))[0] == 409
        _, done = await api.post(f"/requests/{request_id}/approve", body={"operator": "ben"})
        assert done["owner"] == "ben"

    async def test_one_turned_down_is_so_once(self, api: Api, request_id: int) -> None:
        status, done = await api.post(f"/requests/{request_id}/reject", body={"note": "fechado"})
        assert (status, done["state"]) == (200, "bot")
        status, body = await api.post(f"/requests/{request_id}/approve")
        assert (status, body["error"]["code"]) == (409, "request_rejected")
        _, log = await api.get(f"/conversations/{done['id']}/log")
        assert (log["items"][-1]["command"], log["items"][-1]["reason"]) == ("reject", "fechado")

    async def test_what_is_not_there_is_404(self, api: Api) -> None:
        for method, path in (("GET", ""), ("POST", "/approve"), ("POST", "/reject")):
            assert (await api.call(method, f"/api/v1/requests/99{path}"))[0] == 404
