"""Operators and their tokens over the API: who may change whom, and that an admin is always left."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from conversation.people import Role
from store import audit, operators, tables
from tests import services
from tests.handover.conftest import Api
from tests.house import NUMBER, START, Stage

GOOD = "uma senha bem comprida"


async def change(api: Api, name: str, by: str = "chefe", **body: Any) -> tuple[int, Any]:
    return await api.call("PATCH", f"/api/v1/operators/{name}", by=by, body=body)


async def remove(api: Api, path: str, by: str = "chefe") -> tuple[int, Any]:
    return await api.call("DELETE", f"/api/v1{path}", by=by)


class TestAdding:
    async def test_without_a_password_a_first_token_is_shown_once(self, stage: Stage, api: Api) -> None:
        body = {"name": "Lia Sá", "role": "supervisor", "accounts": [NUMBER], "capacity": 3}
        status, made = await api.post("/operators", by="chefe", body=body)
        shown = made["operator"]
        assert (status, shown["role"], shown["accounts"]) == (200, "supervisor", [stage.account.id])
        assert (shown["capacity"], shown["presence"], shown["version"]) == (3, "offline", 1)
        assert (await api.get("/me", by=made["token"]))[1] == (await api.get("/operators/Lia%20S%C3%A1"))[1]
        told = [each.facts for each in await stage.rows(tables.notices) if each.kind == "operator"]
        assert told[-1] == {"name": "Lia Sá", "presence": "offline"}

    async def test_with_a_password_there_is_no_token(self, api: Api) -> None:
        status, made = await api.post("/operators", by="chefe", body={"name": "lia", "password": GOOD})
        assert (status, made["token"]) == (200, None)
        assert (await api.get("/operators/lia/tokens", by="chefe"))[1] == {"items": []}
        status, signed_in = await api.post("/sign-in", by=None, body={"name": "lia", "password": GOOD})
        assert (status, signed_in["operator"]["role"]) == (200, "operator")

    @services.sqlite_only
    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"name": " "},
            {"name": "ana"},
            {"name": "Assistant"},
            {"name": "nobody"},
            {"name": "a\nb"},
            {"name": "x" * 121},
            {"name": "lia", "role": "boss"},
            {"name": "lia", "accounts": ["x"]},
            {"name": "lia", "capacity": -1},
            {"name": "lia", "password": "curta"},
            {"name": "lia da silva", "password": "Lia da Silva"},
        ],
    )
    async def test_what_can_not_be_is_refused_and_makes_nobody(self, api: Api, body: Any) -> None:
        assert (await api.post("/operators", by="chefe", body=body))[0] in (400, 404)
        assert len((await api.get("/operators"))[1]["items"]) == 4


class TestChanging:
    async def test_role_accounts_and_presence_in_one_and_its_version_goes_up(self, stage: Stage, api: Api) -> None:
        status, shown = await change(api, "ana", role="supervisor", accounts=[], presence="online", version=1)
        assert (status, shown["role"], shown["accounts"], shown["presence"]) == (200, "supervisor", [], "online")
        assert shown["version"] == 2
        assert (await change(api, "ana", accounts=None))[1]["accounts"] is None

    async def test_what_is_changed_is_in_the_audit_log_and_no_password(self, stage: Stage, api: Api) -> None:
        await change(api, "ana", role="supervisor", accounts=[NUMBER], password=GOOD)
        entry = (await stage.db.read(audit.entries))[-1]
        facts = {"name": "ana", "role": "supervisor", "accounts": [NUMBER], "password": "set"}
        assert (entry.by, entry.action, entry.facts) == ("chefe", "change_operator", facts)

    async def test_what_somebody_else_changed_meanwhile_is_not_written_over(self, api: Api) -> None:
        assert (await change(api, "ana", capacity=7))[1]["version"] == 2
        status, body = await change(api, "ana", role="supervisor", presence="online", version=1)
        assert (status, body["error"]["code"]) == (409, "edited")
        shown = (await api.get("/operators/ana"))[1]
        assert (shown["role"], shown["capacity"], shown["presence"]) == ("operator", 7, "offline")

    async def test_two_at_once_decide_on_one_version(self, api: Api) -> None:
        answers = await asyncio.gather(*(change(api, "ana", capacity=n, version=1) for n in range(4)))
        assert sorted(status for status, _ in answers) == [200, 409, 409, 409]

    @services.sqlite_only
    async def test_a_supervisor_says_who_is_there_and_no_more(self, api: Api) -> None:
        assert (await change(api, "ana", by="sonia", presence="away", capacity=2))[0] == 200
        for body in ({"role": "admin"}, {"accounts": None}, {"password": GOOD}):
            assert (await change(api, "sonia", by="sonia", **body))[0] == 403, body
        assert (await change(api, "ben", by="ana", capacity=2))[0] == 403
        for method, path in (("POST", ""), ("DELETE", "/ana"), ("GET", "/ana/tokens"), ("DELETE", "/ana/tokens")):
            assert (await api.call(method, f"/api/v1/operators{path}", by="sonia", body={"name": "x"}))[0] == 403

    @services.sqlite_only
    async def test_an_admin_of_some_accounts_makes_nobody_who_sees_more(self, stage: Stage, api: Api) -> None:
        assert (await change(api, "sonia", role="admin", accounts=[NUMBER]))[0] == 200
        for body in ({"role": "admin"}, {"accounts": None}, {"password": GOOD}):
            assert (await change(api, "sonia", by="sonia", **body))[0] == 403, body
        for method, path in (("POST", ""), ("DELETE", "/ana"), ("GET", "/ana/tokens"), ("DELETE", "/ana/tokens")):
            assert (await api.call(method, f"/api/v1/operators{path}", by="sonia", body={"name": "x"}))[0] == 403
        assert (await remove(api, "/operators/ana/tokens/x", by="sonia"))[0] == 403
        assert (await change(api, "ana", by="sonia", presence="away"))[0] == 200

    @services.sqlite_only
    async def test_one_does_not_make_more_of_oneself(self, api: Api) -> None:
        status, shown = await api.call("PATCH", "/api/v1/me", body={"role": "admin", "accounts": None, "capacity": 2})
        assert (status, shown["role"], shown["capacity"]) == (200, "operator", 2)

    @services.sqlite_only
    async def test_nobody_is_404(self, api: Api) -> None:
        answers = [await change(api, "x", capacity=1), await change(api, "x", presence="away")]
        answers += [await change(api, "x", password=GOOD), await remove(api, "/operators/x")]
        answers += [await api.get(f"/operators/{path}", by="chefe") for path in ("x", "x/tokens", "%00")]
        answers += [await remove(api, "/operators/x/tokens"), await remove(api, "/operators/ana/tokens/x")]
        assert [status for status, _ in answers] == [404] * len(answers)


class TestTheLastAdmin:
    async def test_is_neither_removed_nor_made_less(self, api: Api) -> None:
        for status, body in (await change(api, "chefe", role="supervisor"), await remove(api, "/operators/chefe")):
            assert (status, body["error"]["code"]) == (409, "last_admin")
        assert (await api.get("/me", by="chefe"))[1]["role"] == "admin"

    async def test_two_who_remove_each_other_at_once_leave_one(self, stage: Stage, api: Api) -> None:
        api.tokens["outra"] = await stage.db.write(operators.add, "outra", Role.ADMIN, START)
        for _ in range(5):
            answers = await asyncio.gather(
                change(api, "chefe", by="outra", role="operator"), change(api, "outra", by="chefe", role="operator")
            )
            left = [each.name for each in await stage.db.read(operators.all_of) if each.role is Role.ADMIN]
            assert len(left) == 1, answers
            other = "outra" if left == ["chefe"] else "chefe"
            assert (await change(api, other, by=left[0], role="admin"))[0] == 200

    @services.sqlite_only
    async def test_the_emulators_own_is_none_to_rely_on(self, stage: Stage, api: Api) -> None:
        await stage.db.write(operators.add, operators.PHONE_PAGE, Role.ADMIN, START)
        assert (await change(api, "chefe", role="supervisor"))[1]["error"]["code"] == "last_admin"


async def test_who_is_removed_gives_what_they_have_to_the_queue(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    await api.post(f"/conversations/{conversation_id}/take")
    token_id = (await api.get("/me/tokens"))[1]["items"][0]["id"]
    told: list[Any] = []
    with api.house.bus.listening("revoked", told.append):
        assert await remove(api, "/operators/ana") == (200, {"name": "ana"})
    assert told == [{"token": token_id}]
    assert (await stage.conversation(conversation_id)).state.value == "pending"
    assert ((await api.get("/me"))[0], (await api.get("/operators/ana", by="ben"))[0]) == (401, 404)
    removed = (await stage.db.read(audit.entries))[-1]
    assert (removed.by, removed.action, removed.facts) == ("chefe", "remove_operator", {"name": "ana"})


class TestTokens:
    async def test_a_key_is_shown_once_and_is_good_until_it_is_taken_away(self, stage: Stage, api: Api) -> None:
        stage.clock.wind(1)
        status, made = await api.post("/me/tokens", body={"label": "painel da loja"})
        assert (status, made["expires_at"]) == (200, None)
        assert (await api.get("/me", by=made["token"]))[0] == 200
        first, second = (await api.get("/me/tokens"))[1]["items"]
        assert (first["label"], first["is_this"]) == ("first", True)
        assert (second["id"], second["label"], second["kind"]) == (made["token_id"], "painel da loja", "key")
        assert made["token"] not in str((first, second))
        told: list[Any] = []
        with api.house.bus.listening("revoked", told.append):
            assert await remove(api, f"/me/tokens/{made['token_id']}", by="ana") == (200, {"revoked": 1})
        assert told == [{"token": made["token_id"]}]
        assert (await api.get("/me", by=made["token"]))[0] == 401
        assert (await remove(api, f"/me/tokens/{made['token_id']}", by="ana"))[0] == 404

    async def test_one_may_end_by_itself(self, stage: Stage, api: Api) -> None:
        body = {"label": "ponte", "expires_at": "2026-03-02T13:00:00Z"}
        _, made = await api.post("/me/tokens", body=body)
        assert (await api.get("/me", by=made["token"]))[0] == 200
        stage.clock.wind(3600)
        assert (await api.get("/me", by=made["token"]))[0] == 401
        assert len((await api.get("/me/tokens"))[1]["items"]) == 1
        assert (await api.post("/me/tokens", body=body))[1]["error"]["code"] == "bad_input"

    async def test_anothers_is_not_there(self, api: Api) -> None:
        (theirs,) = (await api.get("/me/tokens", by="ben"))[1]["items"]
        assert (await remove(api, f"/me/tokens/{theirs['id']}", by="ana"))[0] == 404
        assert (await remove(api, f"/operators/ana/tokens/{theirs['id']}"))[0] == 404
        assert (await api.get("/me", by="ben"))[0] == 200

    async def test_an_admin_takes_away_one_or_all(self, stage: Stage, api: Api) -> None:
        stage.clock.wind(1)
        _, made = await api.post("/me/tokens", body={"label": "x"})
        first, second = (await api.get("/operators/ana/tokens", by="chefe"))[1]["items"]
        assert (second["id"], second["is_this"]) == (made["token_id"], False)
        assert (await remove(api, f"/operators/ana/tokens/{first['id']}"))[0] == 200
        assert [(await api.get("/me", by=by))[0] for by in ("ana", made["token"])] == [401, 200]
        told: list[Any] = []
        with api.house.bus.listening("revoked", told.append):
            assert await remove(api, "/operators/ana/tokens") == (200, {"revoked": 1})
        assert (told, (await api.get("/me", by=made["token"]))[0]) == ([{"token": second["id"]}], 401)

    @services.sqlite_only
    async def test_there_are_fifty_at_most(self, api: Api) -> None:
        answers = [await api.post("/me/tokens", body={"label": "x"}) for _ in range(50)]
        assert [status for status, _ in answers] == [200] * 49 + [409]
        assert answers[-1][1]["error"]["code"] == "too_many_tokens"
