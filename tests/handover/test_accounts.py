"""Accounts through the API: added, changed by two people at once, and their secrets shown to nobody."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from conversation.account import Account, AccountId
from conversation.channel_settings import Login
from conversation.errors import Refused
from store import accounts, operators, people
from store.operators import Role
from tests import services
from tests.handover.conftest import Api
from tests.house import NUMBER, OTHER_NUMBER, START, Stage, add_account

TOKEN, SECRET = "EAAB-canary-token", "canary-app-secret"
MINE = f"/accounts/{NUMBER}"
NEW = {"channel": "whatsapp", "provider_id": OTHER_NUMBER}


async def put(api: Api, part: str, body: dict[str, Any]) -> tuple[int, Any]:
    return await api.call("PUT", f"/api/v1{MINE}/{part}", by="chefe", body=body)


async def patch(api: Api, body: dict[str, Any]) -> tuple[int, Any]:
    return await api.call("PATCH", "/api/v1" + MINE, by="chefe", body=body)


class TestAdding:
    async def test_one_without_a_token_is_the_emulators_which_is_told(self, stage: Stage, api: Api) -> None:
        status, added = await api.post("/accounts", by="chefe", body={**NEW, "name": "Filial", "also_known_as": ["7"]})
        assert (status, added["name"], added["emulated"], added["also_known_as"]) == (200, "Filial", True, ["7"])
        assert api.house.told == [OTHER_NUMBER]
        assert (await api.get(f"/accounts/{added['id']}", by="chefe"))[1] == added
        assert (await api.post("/accounts", by="chefe", body=NEW))[0] == 400, "it is there already"

    @services.sqlite_only
    async def test_one_with_a_token_is_a_real_one_and_needs_its_apps_secret(self, stage: Stage, api: Api) -> None:
        status, answer = await api.post("/accounts", by="chefe", body={**NEW, "token": TOKEN})
        assert (status, "forgery" in answer["error"]["message"]) == (400, True)
        status, added = await api.post("/accounts", by="chefe", body={**NEW, "token": TOKEN, "secrets": [SECRET]})
        assert (status, added["emulated"], added["version"]) == (200, False, 1)
        kept = await stage.db.read(accounts.credentials, stage.vault, AccountId(added["id"]))
        assert (kept.token, kept.secrets) == (TOKEN, (SECRET,))

    @services.sqlite_only
    async def test_what_can_not_be_is_refused_and_adds_nothing(self, api: Api) -> None:
        for wrong in (
            {"channel": "telegram"},
            {"provider_id": ""},
            {"agent": "nobody"},
            {"channel_settings": {"login": "instagram"}},
            {"channel_settings": {"nonsense": 1}},
            {"also_known_as": [NUMBER]},
        ):
            assert (await api.post("/accounts", by="chefe", body={**NEW, **wrong}))[0] in (400, 404), wrong
        assert len((await api.get("/accounts", by="chefe"))[1]["items"]) == 1

    @services.sqlite_only
    async def test_one_with_instagrams_sign_in_is_added_with_it_for_life(self, stage: Stage, api: Api) -> None:
        body = {"channel": "instagram", "provider_id": "178", "channel_settings": {"login": "instagram"}}
        _, added = await api.post("/accounts", by="chefe", body=body)
        assert (await stage.db.read(accounts.get, added["id"])).channel_settings.login is Login.INSTAGRAM


class TestCredentials:
    async def test_are_set_and_never_shown(self, stage: Stage, api: Api) -> None:
        answers = [await put(api, "credentials", {"token": TOKEN, "secrets": [SECRET, SECRET + "-2"]})]
        answers += [await api.get(path, by="chefe") for path in (MINE, "/accounts", f"{MINE}/credentials", "/audit")]
        assert answers[0][1] == {"token_set": True, "token_expires_at": None, "secrets": 2, "version": 2}
        assert all(status == 200 for status, _ in answers)
        assert not any(word in json.dumps(answers) for word in (TOKEN, SECRET))
        kept = await stage.db.read(accounts.credentials, stage.vault, stage.account.id)
        assert (kept.token, kept.secrets) == (TOKEN, (SECRET, SECRET + "-2"))

    @services.sqlite_only
    async def test_are_kept_out_of_every_log_line_from_the_moment_they_come(self, api: Api) -> None:
        await put(api, "credentials", {"token": TOKEN, "secrets": [SECRET]})
        assert {TOKEN, SECRET} <= set(api.house.hidden)

    @services.sqlite_only
    async def test_what_is_not_given_stays(self, stage: Stage, api: Api) -> None:
        assert (await put(api, "credentials", {}))[0] == 400
        await put(api, "credentials", {"token": TOKEN})
        kept = await stage.db.read(accounts.credentials, stage.vault, stage.account.id)
        assert (kept.token, kept.secrets) == (TOKEN, ("s1",))

    @services.sqlite_only
    async def test_a_new_token_that_the_channel_does_not_take_leaves_the_old_one(self, stage: Stage, api: Api) -> None:
        await put(api, "credentials", {"token": TOKEN})
        proven: list[tuple[str, str]] = []

        async def prove(account: Account, token: str) -> None:
            proven.append((account.id, token))
            if "bad" in token:
                raise Refused("The new token is not taken.", code="token_refused")

        api.house.account_setup._prove = prove
        status, refused = await put(api, "credentials", {"token": "a-bad-token-of-theirs", "secrets": [SECRET]})
        assert (status, refused["error"]["code"]) == (409, "token_refused")
        kept = await stage.db.read(accounts.credentials, stage.vault, stage.account.id)
        assert (kept.token, SECRET in kept.secrets) == (TOKEN, False), "nothing of it is changed"
        assert (await put(api, "credentials", {"token": TOKEN + "-2"}))[0] == 200
        assert proven == [(stage.account.id, "a-bad-token-of-theirs"), (stage.account.id, TOKEN + "-2")]

    @services.sqlite_only
    async def test_a_new_token_ends_a_fault(self, stage: Stage, api: Api) -> None:
        await stage.db.write(accounts.set_fault, stage.account.id, "The token is dead.")
        await put(api, "credentials", {"token": TOKEN})
        assert (await api.get(MINE))[1]["fault"] is None


class TestChanging:
    async def test_each_setting_is_changed_and_the_others_stay(self, stage: Stage, api: Api) -> None:
        for body in (
            {"name": "Cantina nova"},
            {"while_pending": "silent"},
            {"max_bot_messages_per_hour": 7},
            {"resend_unknown": False},
            {"shop": {"hours": "9-18"}},
            {"also_known_as": ["9"]},
        ):
            before = (await api.get(MINE))[1]
            status, after = await patch(api, body)
            assert (status, after.pop("in_flight")) == (200, 0)
            assert after == {**before, **body, "version": before["version"] + 1}

    async def test_of_two_who_read_the_same_version_one_is_told(self, stage: Stage, api: Api) -> None:
        found = await asyncio.gather(*(patch(api, {"name": name, "version": 1}) for name in ("Uma", "Outra")))
        assert sorted(status for status, _ in found) == [200, 409]
        (refused,) = [answer for status, answer in found if status == 409]
        assert (refused["error"]["code"], "version 2" in refused["error"]["message"]) == ("edited", True)
        assert (await api.get(MINE))[1]["version"] == 2

    @services.sqlite_only
    async def test_so_it_is_with_all_that_is_put(self, api: Api) -> None:
        bodies: dict[str, dict[str, Any]] = {"hours": {"time_zone": "UTC"}, "credentials": {"token": TOKEN}}
        for now, part in enumerate(("handover", "channel", "limits", "privacy", "hours", "credentials"), start=1):
            body = bodies.get(part, {})
            assert (await put(api, part, {**body, "version": now + 1}))[0] == 409, part
            assert (await put(api, part, {**body, "version": now}))[0] == 200, part
            assert (await put(api, part, {**body, "version": now}))[1]["error"]["code"] == "edited", part

    @services.sqlite_only
    async def test_what_is_refused_for_its_version_changes_nothing_at_all(self, stage: Stage, api: Api) -> None:
        assert (await patch(api, {"also_known_as": ["9"], "name": "x", "version": 5}))[0] == 409
        shown = (await api.get(MINE))[1]
        assert (shown["also_known_as"], shown["name"], shown["version"]) == ([], "Cantina", 1)

    @services.sqlite_only
    async def test_another_agent_answers_from_then_on(self, stage: Stage, api: Api) -> None:
        await api.post("/agents", by="chefe", body={"name": "outra"})
        _, after = await patch(api, {"agent": "outra"})
        _, agent = await api.get("/agents/outra")
        assert after["agent_id"] == agent["id"]
        assert (await patch(api, {"agent": "nobody"}))[0] == 404

    @services.sqlite_only
    async def test_settings_are_put_as_a_whole(self, api: Api) -> None:
        _, after = await put(api, "limits", {"max_paid_per_day": 50})
        assert after["limits"] == {"max_messages_per_day": None, "max_paid_per_day": 50}
        _, after = await put(api, "limits", {"max_messages_per_day": 9})
        assert after["limits"] == {"max_messages_per_day": 9, "max_paid_per_day": None}
        _, after = await put(api, "privacy", {"says_assistant": True})
        assert after["privacy"]["says_assistant"] is True
        for part in ("limits", "privacy", "channel", "handover"):
            assert (await put(api, part, {"nonsense": 1}))[0] == 400
            assert (await put(api, part, {"version": "x"}))[0] == 400


class TestWhatIsNotTheirs:
    async def test_is_not_there(self, stage: Stage, api: Api) -> None:
        def hire(tx: Any) -> str:
            other = add_account(tx, stage.vault, stage.agent, OTHER_NUMBER)
            token = operators.add(tx, "fora", Role.ADMIN, START)
            people.set_accounts(tx, "fora", [other.id])
            return token

        api.tokens["fora"] = await stage.db.write(hire)
        for part in ("", "/hours", "/credentials"):
            assert (await api.get(MINE + part, by="fora"))[0] == 404
        assert (await api.call("PATCH", "/api/v1" + MINE, by="fora", body={"name": "meu"}))[0] == 404
        assert (await api.get("/accounts/acc_x", by="fora"))[0] == 404


@services.sqlite_only
class TestHours:
    async def test_are_part_of_how_it_hands_over_and_the_rest_of_that_stays(self, stage: Stage, api: Api) -> None:
        await put(api, "handover", {"language": "pt", "sticky_s": 60})
        hours = {"monday": ["09:00-12:00"], "tuesday": ["22:00-02:00"]}
        given = {"time_zone": "America/Sao_Paulo", "hours": hours, "holidays": ["12-25"]}
        status, shown = await put(api, "hours", given)
        assert (status, {name: shown[name] for name in given}) == (200, given)
        settings = (await api.get(MINE))[1]["handover"]
        assert (settings["sticky_s"], settings["language"], settings["hours"]) == (60, "pt", hours)

    async def test_say_whether_there_is_somebody(self, api: Api) -> None:
        hours = {"monday": ["09:00-12:00"], "tuesday": ["22:00-02:00"]}
        await put(api, "hours", {"time_zone": "America/Sao_Paulo", "hours": hours, "holidays": ["12-25"]})
        for at, is_open, opens_at in (
            ("2026-03-02T12:00:00Z", True, "2026-03-02T09:00:00.000-03:00"),  # Monday, nine o'clock
            ("2026-03-02T11:59:59Z", False, "2026-03-02T09:00:00.000-03:00"),
            ("2026-03-04T04:59:59Z", True, "2026-03-04T01:59:59.000-03:00"),  # Tuesday's night goes on until two
            ("2028-12-25T13:00:00Z", False, "2028-12-26T22:00:00.000-03:00"),  # a Monday, and Christmas
        ):
            _, shown = await api.get(f"{MINE}/hours?at={at}")
            assert (shown["open"], shown["opens_at"]) == (is_open, opens_at), at

    async def test_where_clocks_are_set_forward_it_opens_when_they_have_passed_its_time(self, api: Api) -> None:
        given = {"time_zone": "America/New_York", "hours": {"sunday": ["02:30-05:00"]}}
        await put(api, "hours", given)
        _, shown = await api.get(f"{MINE}/hours?at=2026-03-08T06:00:00Z")  # at two it is three
        assert (shown["open"], shown["opens_at"]) == (False, "2026-03-08T03:00:00.000-04:00")

    async def test_what_can_not_be_read_is_told(self, api: Api) -> None:
        faults: tuple[dict[str, Any], ...] = (
            {"time_zone": "No"},
            {"hours": {"x": []}},
            {"hours": {"monday": ["9-5"]}},
            {"holidays": ["x"]},
        )
        for wrong in faults:
            assert (await put(api, "hours", {"time_zone": "UTC", **wrong}))[0] == 400, wrong
        for at in ("yesterday", "2026-03-02T12:00:00", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"):
            assert (await api.get(f"{MINE}/hours?at={at}"))[0] == 400, at


@pytest.mark.parametrize("word", ["EAAB-two\nlines", "EAAB with spaces", "EAAB-não-é", "EAAB-\x7f-token"])
async def test_what_no_token_can_be_is_refused_before_it_is_kept(stage: Stage, api: Api, word: str) -> None:
    path = f"/api/v1/accounts/{stage.account.id}/credentials"
    before = await stage.db.read(accounts.credentials, stage.vault, stage.account.id)
    for body in ({"token": word}, {"secrets": [word]}):
        status, answer = await api.call("PUT", path, by="chefe", body=body)
        assert (status, answer["error"]["code"]) == (400, "bad_input")
        assert word not in str(answer) and word in api.house.hidden
    assert await stage.db.read(accounts.credentials, stage.vault, stage.account.id) == before
