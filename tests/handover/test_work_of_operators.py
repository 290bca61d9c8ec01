"""Notes, tags, canned replies, who is there, accounts and their switches."""

from __future__ import annotations

from typing import Any

import pytest

from conversation.conversation import ConversationId
from conversation.people import Assignment, Presence
from store import operators, teams
from tests.handover.conftest import Api
from tests.house import START, Stage


@pytest.fixture
async def path(api: Api, stage: Stage) -> str:
    return f"/conversations/{await stage.hears()}"


class TestNotes:
    async def test_they_are_written_and_read_and_never_sent(self, stage: Stage, api: Api, path: str) -> None:
        status, note = await api.post(f"{path}/notes", body={"text": "Alérgica a camarão."})
        assert (status, note["by"], note["text"]) == (200, "ana", "Alérgica a camarão.")
        assert await api.get(f"{path}/notes") == (200, {"items": [note]})
        assert await stage.outbox() == []

    async def test_one_without_words_is_none(self, api: Api, path: str) -> None:
        for body in ({"text": " "}, {}):
            assert (await api.post(f"{path}/notes", body=body))[0] == 400

    async def test_one_is_taken_away_by_who_wrote_it_or_a_supervisor(self, api: Api, path: str) -> None:
        notes = [(await api.post(f"{path}/notes", body={"text": "x"}))[1]["id"] for _ in range(2)]
        address = f"/api/v1{path}/notes"
        assert (await api.call("DELETE", f"{address}/{notes[0]}", by="ben"))[0] == 403
        assert (await api.call("DELETE", f"{address}/{notes[0]}"))[0] == 200
        assert (await api.call("DELETE", f"{address}/{notes[1]}", by="sonia"))[0] == 200
        assert (await api.call("DELETE", f"{address}/{notes[1]}", by="sonia"))[0] == 404


class TestTags:
    async def test_one_is_put_once_and_taken_away(self, api: Api, path: str) -> None:
        for tag in ("VIP", "vip", "sem%20gl%C3%BAten"):
            status, tagged = await api.call("PUT", f"/api/v1{path}/tags/{tag}")
        assert (status, tagged["tags"]) == (200, ["sem glúten", "vip"])
        for _ in range(2):
            status, tagged = await api.call("DELETE", f"/api/v1{path}/tags/vip")
            assert (status, tagged["tags"]) == (200, ["sem glúten"])

    async def test_one_too_long_is_none(self, api: Api, path: str) -> None:
        assert (await api.call("PUT", f"/api/v1{path}/tags/{'x' * 61}"))[0] == 400


class TestCannedReplies:
    async def test_they_are_written_changed_and_removed(self, api: Api) -> None:
        given = {"shortcut": "/horas", "language": "pt", "text": "Olá, {customer}! Abrimos às 9h."}
        status, made = await api.post("/canned", body=given)
        assert (status, made["shortcut"], made["account_id"]) == (200, "horas", None)
        status, changed = await api.call("PUT", f"/api/v1/canned/{made['id']}", body={**given, "text": "Às 10h."})
        assert (status, changed["text"]) == (200, "Às 10h.")
        assert (await api.get("/canned"))[1] == {"items": [changed]}
        assert (await api.call("DELETE", f"/api/v1/canned/{made['id']}"))[0] == 200
        assert (await api.call("DELETE", f"/api/v1/canned/{made['id']}"))[0] == 404

    async def test_a_field_nobody_knows_is_told(self, api: Api) -> None:
        given = {"shortcut": "oi", "language": "pt", "text": "Olá, {nome}!"}
        status, body = await api.post("/canned", body=given)
        assert (status, "{customer}" in body["error"]["message"]) == (400, True)


class TestPeople:
    async def test_me(self, stage: Stage, api: Api) -> None:
        def join(tx: Any) -> str:
            teams.join(tx, teams.add(tx, "Cozinha", Assignment.HAND, START).id, "ana")
            return teams.get(tx, "Cozinha").id

        team_id = await stage.db.write(join)
        conversation_id = await stage.hears()
        await api.post(f"/conversations/{conversation_id}/take")
        _, me = await api.get("/me")
        assert (me["name"], me["role"], me["presence"], me["load"]) == ("ana", "operator", "online", 1)
        assert (me["accounts"], me["teams"]) == (None, [{"id": team_id, "name": "Cozinha"}])
        _, listed = await api.get("/operators")
        assert {each["name"]: each["load"] for each in listed["items"]} == {"ana": 1, "ben": 0, "sonia": 0, "chefe": 0}
        assert listed["items"][0]["teams"] == me["teams"]
        (team,) = (await api.get("/teams"))[1]["items"]
        assert (team["id"], team["assignment"], team["members"]) == (team_id, "hand", ["ana"])

    async def test_who_goes_offline_gives_what_they_have_to_the_queue(self, stage: Stage, api: Api, path: str) -> None:
        await api.post(f"{path}/take")
        status, me = await api.call("PATCH", "/api/v1/me", body={"presence": "offline"})
        assert (status, me["presence"], me["load"]) == (200, "offline", 0)
        _, shown = await api.get(path)
        assert (shown["state"], shown["owner"], shown["next_toucher"]) == ("pending", None, "queue")

    async def test_presence_and_capacity_are_theirs_and_a_supervisors(self, api: Api) -> None:
        _, me = await api.call("PATCH", "/api/v1/me", body={"presence": "away", "capacity": 2})
        assert (me["presence"], me["capacity"]) == ("away", 2)
        _, ana = await api.call("PATCH", "/api/v1/operators/ana", by="sonia", body={"presence": "online"})
        assert (ana["presence"], ana["capacity"]) == ("online", 2)
        assert (await api.call("PATCH", "/api/v1/operators/zoe", by="sonia", body={"presence": "online"}))[0] == 404
        assert (await api.call("PATCH", "/api/v1/operators/zoe", by="sonia", body={"capacity": 1}))[0] == 404
        assert (await api.call("PATCH", "/api/v1/operators/zoe", by="sonia", body={}))[0] == 404
        for body in ({"presence": "asleep"}, {"capacity": -1}, {"capacity": "x"}):
            assert (await api.call("PATCH", "/api/v1/me", body=body))[0] == 400

    async def test_to_ask_is_seldom_to_write(self, stage: Stage, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
        await api.get("/conversations")

        async def write(*_: Any, **__: Any) -> Any:
            raise AssertionError("this was to be a read")

        monkeypatch.setattr(stage.db, "write", write)
        assert (await api.get("/conversations"))[0] == 200
        stage.clock.wind(20)
        assert (await api.get("/conversations"))[0] == 500  # now it is time to

    async def test_whoever_asks_for_something_was_seen(self, stage: Stage, api: Api) -> None:
        async def seen_at() -> Any:
            return (await stage.db.read(operators.get, "ana")).seen_at

        await api.get("/conversations")
        assert await seen_at() == START
        stage.clock.wind(19)
        await api.get("/conversations")
        assert await seen_at() == START
        stage.clock.wind(1)
        await api.get("/notices")
        assert await seen_at() == stage.clock.now()
        assert (await stage.db.read(operators.get, "ana")).presence is Presence.OFFLINE  # being there is said, not seen


class TestAccounts:
    async def test_their_settings_are_shown_whole(self, stage: Stage, api: Api) -> None:
        (account,) = (await api.get("/accounts"))[1]["items"]
        assert (account["id"], account["name"], account["channel"]) == (stage.account.id, "Cantina", "whatsapp")
        assert (account["time_zone"], account["handover"]["enabled"]) == ("America/Sao_Paulo", True)
        assert (account["active"], account["auto_response"], account["fault"]) == (True, True, None)
        assert "tok" not in account

    async def test_how_one_hands_over_is_set_whole(self, stage: Stage, api: Api) -> None:
        team = await stage.db.write(teams.add, "Cozinha", Assignment.HAND, START)
        address = f"/api/v1/accounts/{stage.account.provider_id}/handover"
        given = {"silence_s": 60, "hours": {"monday": ["09:00-18:00"]}, "team": "Cozinha"}
        status, account = await api.call("PUT", address, by="chefe", body=given)
        handover = account["handover"]
        assert (status, handover["silence_s"], handover["hours"]) == (200, 60.0, {"monday": ["09:00-18:00"]})
        assert handover["team"] == team.id  # by its id, so that it may be renamed
        _, account = await api.call("PUT", address, by="chefe", body={"enabled": False})
        assert (account["handover"]["enabled"], account["handover"]["silence_s"]) == (False, 1800.0)

    @pytest.mark.parametrize(
        "body", [{"silence": 1}, {"silence_s": -1}, {"hours": {"monday": ["18-9"]}}, {"time_zone": "Mars"}, [], "x"]
    )
    async def test_what_can_not_be_read_is_told_and_changes_nothing(self, stage: Stage, api: Api, body: Any) -> None:
        address = f"/api/v1/accounts/{stage.account.id}/handover"
        status, answer = await api.call("PUT", address, by="chefe", body=body)
        assert (status, answer["error"]["code"]) == (400, "bad_input")
        (account,) = (await api.get("/accounts"))[1]["items"]
        assert account["handover"]["silence_s"] == 1800.0

    async def test_a_team_there_is_not_is_told(self, stage: Stage, api: Api) -> None:
        address = f"/api/v1/accounts/{stage.account.id}/handover"
        assert (await api.call("PUT", address, by="chefe", body={"team": "x"}))[0] == 404

    async def test_the_assistant_is_switched_off_on_one(self, stage: Stage, api: Api) -> None:
        address = f"/api/v1/accounts/{stage.account.id}"
        status, account = await api.call("PATCH", address, by="chefe", body={"auto_response": False})
        assert (status, account["auto_response"], account["active"], account["in_flight"]) == (200, False, True, 0)


async def test_one_button_silences_every_assistant(stage: Stage, api: Api, path: str) -> None:
    status, done = await api.post("/agents/silence", by="sonia")
    assert (status, done) == (200, {"agents": ["assistant"], "in_flight": 0})
    assert [agent["status"] for agent in (await api.get("/agents"))[1]["items"]] == ["inactive"]
    await stage.all_turns(ConversationId(path.rpartition("/")[2]))
    assert await stage.outbox() == []
    assert (await api.post("/agents/silence", by="sonia"))[1] == {"agents": [], "in_flight": 0}
