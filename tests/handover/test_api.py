"""The operators' API as a client sees it."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from conversation.agent import AgentStatus
from conversation.arrivals import Unfamiliar
from store import agents, conversations, operators, tables
from tests.handover.conftest import Api
from tests.house import ANA, BEN, NUMBER, OTHER_NUMBER, START, Script, Stage, add_account

NO_SUCH_STATUS = (
    "The body does not fit: Invalid enum value 'asleep' - at `$.status`: it is one of active, inactive, draft."
)


def readable(api: Api) -> list[str]:
    """Every path under the API that can be read, with values where it has names."""
    found = []
    for route in api.app.router.routes:
        path = "/" + route.path.lstrip("/")
        if path.startswith("/api/") and "GET" in route.methods:
            path = re.sub(r"<\w+:int>", "1", path)
            found.append(re.sub(r"<\w+(?::str)?>", "x", path))
    return found


class TestTokens:
    async def test_nobody_needs_one_to_see_that_we_are_there(self, api: Api) -> None:
        for by in (None, "wrong", ""):
            status, body = await api.get("/health", by=by)
            assert (status, body["status"], body["model"]["answering"]) == (200, "ok", "one")

    async def test_another_scheme_is_none(self, api: Api) -> None:
        headers = {"Authorization": f"Basic {api.tokens['ana']}"}
        async with api.session.get(api.address + "/api/v1/conversations", headers=headers) as response:
            assert response.status == 401

    async def test_one_is_worth_nothing_from_when_it_is_taken_away(self, stage: Stage, api: Api) -> None:
        assert (await api.get("/conversations"))[0] == 200
        await stage.db.write(operators.remove, "ana")
        assert (await api.get("/conversations"))[0] == 401

    @pytest.mark.parametrize(("method", "path"), [("PATCH", "/agents/assistant"), ("GET", "/webhook-events")])
    async def test_what_is_for_admins_is_not_for_operators(self, api: Api, method: str, path: str) -> None:
        body = {"status": "active"} if method == "PATCH" else None
        status, answer = await api.call(method, "/api/v1" + path, body=body)
        assert (status, answer["error"]["code"]) == (403, "forbidden")
        assert (await api.call(method, "/api/v1" + path, by="chefe", body=body))[0] == 200


class TestConversations:
    async def test_one_is_shown_with_its_contact_account_and_state(self, stage: Stage, api: Api) -> None:
        conversation_id = await stage.hears("oi", name="Ana Maria")
        status, shown = await api.get(f"/conversations/{conversation_id}")
        assert status == 200
        assert shown["contact"]["addresses"] == [{"kind": "phone", "value": ANA}]
        assert (shown["contact"]["name"], shown["account"], shown["channel"]) == ("Ana Maria", NUMBER, "whatsapp")
        assert (shown["state"], shown["owner"], shown["unread"]) == ("bot", None, 1)
        assert shown["last_inbound_at"].endswith("+00:00")

    async def test_the_list_is_paged_and_filtered(self, stage: Stage, api: Api) -> None:
        for i in range(5):
            await stage.hears(phone=f"551190000000{i}")
            stage.clock.wind(1)
        seen: list[str] = []
        path = "/conversations?limit=2"
        for _ in range(3):
            _, page = await api.get(path)
            seen += [item["id"] for item in page["items"]]
            path = f"/conversations?limit=2&after={page['next']}"
        assert page["next"] is None
        everything = await stage.db.read(conversations.listed)
        assert seen == [each.conversation.id for each in everything]
        await stage.ownership.take(seen[0], by="ana")
        assert [i["id"] for i in (await api.get("/conversations?state=human"))[1]["items"]] == [seen[0]]
        assert len((await api.get("/conversations?address=%2B5511900000003"))[1]["items"]) == 1
        await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
        assert (await api.get(f"/conversations?account={OTHER_NUMBER}"))[1]["items"] == []
        assert len((await api.get(f"/conversations?account={NUMBER}"))[1]["items"]) == 5

    @pytest.mark.parametrize(
        "query",
        [
            "limit=0",
            "limit=x",
            "limit=%C2%B2",
            "limit=-1",
            "state=open",
            "limit=" + "9" * 40,
            "status=x",
            "unread=maybe",
        ],
    )
    async def test_a_question_that_can_not_be_read_is_told_what_would_be_right(self, api: Api, query: str) -> None:
        status, body = await api.get(f"/conversations?{query}")
        assert (status, body["error"]["code"]) == (400, "bad_input")

    @pytest.mark.parametrize("path", ["/messages/99", "/conversations?account=x", "/conversations/cnv_x"])
    async def test_what_is_not_there_is_404(self, api: Api, path: str) -> None:
        status, body = await api.get(path)
        assert (status, body["error"]["code"]) == (404, "not_found")

    async def test_messages_come_oldest_first_and_go_on_after_one(self, stage: Stage, api: Api) -> None:
        conversation_id = await stage.hears("um")
        await stage.hears("dois")
        await stage.all_turns(conversation_id)
        _, page = await api.get(f"/conversations/{conversation_id}/messages?limit=1")
        (first,) = page["items"]
        assert (first["text"], first["direction"], first["author"]) == ("um", "inbound", "contact")
        assert (first["intent"], first["verdict"], first["reason"]) == ("greet", "ANSWER", "may_answer")
        _, rest = await api.get(f"/conversations/{conversation_id}/messages?after={first['id']}")
        assert [m["text"] for m in rest["items"]] == ["dois", "Olá!", "Olá!"]
        last = rest["items"][-1]["id"]
        _, earlier = await api.get(f"/conversations/{conversation_id}/messages?before={last}&limit=2")
        assert [m["text"] for m in earlier["items"]] == ["dois", "Olá!"]
        both = f"/conversations/{conversation_id}/messages?before={last}&after=1"
        assert (await api.get(both))[1]["error"]["code"] == "bad_input"
        assert (await api.get("/conversations/cnv_x/messages"))[0] == 404


class TestCommands:
    async def test_take_reply_release(self, stage: Stage, api: Api) -> None:
        conversation_id = await stage.hears()
        path = f"/conversations/{conversation_id}"
        assert await api.post(f"{path}/take") == (
            200,
            {
                "id": conversation_id,
                "state": "human",
                "status": "open",
                "owner": "ana",
                "ownership": 1,
                "in_flight": 0,
            },
        )
        status, done = await api.post(f"{path}/reply", body={"text": "Sou a Ana."})
        assert (status, done["state"], done["in_flight"], len(done["messages"])) == (200, "human", 0, 1)
        _, page = await api.get(f"{path}/messages")
        said = page["items"][-1]
        assert (said["text"].endswith("Sou a Ana."), said["author"], said["operator"]) == (True, "operator", "ana")
        status, done = await api.post(f"{path}/release")
        assert (status, done["state"], done["owner"], done["in_flight"]) == (200, "bot", None, 0)

    async def test_the_loser_of_a_race_is_told_who_won(self, stage: Stage, api: Api) -> None:
        path = f"/conversations/{await stage.hears()}/take"
        answers = dict(
            zip(["ana", "ben"], await asyncio.gather(*(api.post(path, by=n) for n in ("ana", "ben"))), strict=True)
        )
        winner = next(name for name, (status, _) in answers.items() if status == 200)
        (status, body) = answers["ben" if winner == "ana" else "ana"]
        assert status == 409
        assert body["error"] == {
            "code": "not_owner",
            "message": f"{winner} has this conversation.",
            "owner": winner,
        }

    async def test_an_admin_gives_back_what_another_has_and_an_operator_does_not(self, stage: Stage, api: Api) -> None:
        path = f"/conversations/{await stage.hears()}"
        await api.post(f"{path}/take")
        assert (await api.post(f"{path}/release", by="ben"))[0] == 409
        assert (await api.post(f"{path}/release", by="chefe"))[1]["state"] == "bot"

    async def test_what_the_rules_refuse_is_named(self, stage: Stage, api: Api) -> None:
        status, body = await api.post(f"/conversations/{await stage.hears()}/release")
        assert (status, body["error"]["code"]) == (409, "release_in_bot")

    @pytest.mark.parametrize("word", ["take", "release", "reply"])
    async def test_what_is_not_there_is_404(self, api: Api, word: str) -> None:
        status, body = await api.post(f"/conversations/cnv_x/{word}", body={"text": "oi"})
        assert (status, body["error"]["code"]) == (404, "not_found")

    @pytest.mark.parametrize(
        "raw", [b"{", b"[]", b"{}", b'{"text": 1}', b'{"text": ""}', b"", b"\xff", b'{"text": null}']
    )
    async def test_a_body_that_can_not_be_used_is_refused_and_takes_nothing(
        self, stage: Stage, api: Api, raw: bytes
    ) -> None:
        conversation_id = await stage.hears()
        status, body = await api.post(f"/conversations/{conversation_id}/reply", raw=raw)
        assert (status, body["error"]["code"]) == (400, "bad_input")
        assert (await stage.conversation(conversation_id)).state.value == "bot"

    async def test_an_error_of_ours_says_nothing_of_what_was_inside(
        self, stage: Stage, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def break_down(*_: Any, **__: Any) -> Any:
            raise RuntimeError("a customer's text")

        monkeypatch.setattr(stage.ownership, "take", break_down)
        status, body = await api.post(f"/conversations/{await stage.hears()}/take")
        assert (status, body["error"]["code"]) == (500, "internal")
        assert "customer" not in str(body)


class TestAgents:
    async def test_they_are_listed_and_switched(self, stage: Stage, api: Api) -> None:
        _, listed = await api.get("/agents")
        assert [(a["name"], a["status"]) for a in listed["items"]] == [("assistant", "active")]
        status, switched = await api.call("PATCH", "/api/v1/agents/assistant", by="chefe", body={"status": "inactive"})
        assert (status, switched["status"], switched["in_flight"]) == (200, "inactive", 0)

    async def test_a_name_with_a_space_is_found(self, stage: Stage, api: Api) -> None:
        await stage.db.write(agents.add, "turno da noite", AgentStatus.DRAFT, START)
        status, _ = await api.call("PATCH", "/api/v1/agents/turno%20da%20noite", by="chefe", body={"status": "active"})
        assert status == 200

    async def test_a_status_there_is_not_is_refused(self, api: Api) -> None:
        status, body = await api.call("PATCH", "/api/v1/agents/assistant", by="chefe", body={"status": "asleep"})
        assert (status, body["error"]["message"]) == (400, NO_SUCH_STATUS)

    async def test_one_there_is_not_is_404(self, api: Api) -> None:
        assert (await api.call("PATCH", "/api/v1/agents/x", by="chefe", body={"status": "active"}))[0] == 404


async def test_what_has_no_place_is_shown_the_latest_first(stage: Stage, api: Api) -> None:
    for i in range(3):
        await stage.accept(Unfamiliar(account=NUMBER, kind=f"kind{i}", body={"n": i}))
    _, page = await api.get("/unplaced-events?limit=2", by="chefe")
    assert [(e["kind"], e["body"]) for e in page["items"]] == [("kind2", {"n": 2}), ("kind1", {"n": 1})]


async def test_no_answer_shows_a_token(stage: Stage, api: Api) -> None:
    await stage.hears(phone=BEN)
    headers = {"Authorization": f"Bearer {api.tokens['chefe']}"}
    paths = readable(api)
    assert len(paths) > 40
    assert not any("<" in path for path in paths)
    for path in paths:
        async with api.session.get(api.address + path, headers=headers) as response:
            shown = await response.text()
        assert not any(token in shown for token in api.tokens.values()), path


async def test_a_path_nobody_has_is_404(api: Api) -> None:
    status, body = await api.get("/nothing")
    assert (status, body["error"]["code"]) == (404, "not_found")


async def test_a_method_a_path_does_not_have_is_405(api: Api) -> None:
    status, body = await api.get("/conversations/x/take")
    assert (status, body["error"]["code"]) == (405, "method_not_allowed")


class TestParkedMail:
    async def park(self, stage: Stage) -> int:
        conversation_id = await stage.hears("veneno")
        stage.dialogue.script += [Script(raises=RuntimeError("boom")) for _ in range(3)]
        for _ in range(3):
            await stage.turn(conversation_id)
            stage.clock.wind(60)
        ((mail_id, state),) = [(row.id, row.state) for row in await stage.rows(tables.mailbox)]
        assert state == "parked"
        return int(mail_id)

    async def test_is_shown_with_what_went_wrong(self, stage: Stage, api: Api) -> None:
        mail_id = await self.park(stage)
        status, body = await api.get("/mail/parked")
        (item,) = body["items"]
        assert (status, item["id"], item["text"], item["error"]) == (200, mail_id, "veneno", "RuntimeError")

    async def test_is_tried_again_when_an_admin_says_so(self, stage: Stage, api: Api) -> None:
        mail_id = await self.park(stage)
        assert (await api.post(f"/mail/{mail_id}/retry"))[0] == 403
        assert (await api.post(f"/mail/{mail_id}/retry", by="chefe"))[0] == 200
        assert (await api.post(f"/mail/{mail_id}/retry", by="chefe"))[0] == 404
        (mail,) = await stage.rows(tables.mailbox)
        await stage.all_turns(mail.conversation_id)
        assert await stage.texts(mail.conversation_id) == ["Olá!"]
        assert (await api.get("/mail/parked"))[1] == {"items": []}
