"""WhatsApp numbers as the dashboard's pages list, add, edit, switch and remove them; and what Meta tells of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from conversation.account import AccountId, Channel
from conversation.agent import NOBODY
from conversation.errors import SendError
from runtime.abilities import Reach, Template
from runtime.account_setup import NewAccount
from runtime.businesses import Businesses
from store import accounts, people
from tests import services
from tests.handover.conftest import Api
from tests.handover.dashboard.conftest import Dashboard
from tests.house import NUMBER, OTHER_NUMBER, START, Stage

TOKEN, SECRET = "EAAB-canary-token", "canary-app-secret"
NUMBERS = "/whatsapp/accounts/"
#: What the accounts form sends of a new number.
FORM = {
    **{"name": "Filial", "phone_number": "5511988880000", "phone_number_id": OTHER_NUMBER, "waba_id": "300"},
    **{"display_phone_number": "+55 11 98888-0000", "access_token": TOKEN, "app_secret": SECRET},
    **{"webhook_verify_token": "ours", "auto_response_enabled": True, "human_handoff_enabled": True},
}
PRONTO = Template(id="1", name="pronto", language="pt_BR", category="UTILITY", status="APPROVED")


class FakeBusiness:
    """Satisfies `runtime.abilities.Business`."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails: SendError | None = None
        self.hangs = False

    async def profile(self, reach: Reach) -> Mapping[str, Any]:
        await self._answers()
        return {"about": "comida de casa", "websites": ["https://cantina.example/"]}

    async def templates(self, reach: Reach, business_id: str) -> Sequence[Template]:
        await self._answers()
        return [PRONTO]

    async def _answers(self) -> None:
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.fails is not None:
            raise self.fails


@pytest.fixture
def business(stage: Stage, api: Api) -> FakeBusiness:
    made = FakeBusiness()

    async def reach(account_id: str) -> Any:
        return SimpleNamespace(account=await stage.db.read(accounts.get, account_id))

    ways_out: Any = {"whatsapp": SimpleNamespace(business=made)}
    api.house.businesses = Businesses(stage.db, ways_out, reach, stage.clock)
    return made


def of(number: str) -> str:
    return f"{NUMBERS}{number}/"


class TestListing:
    async def test_each_has_all_that_a_page_would_break_without(self, stage: Stage, ana: Dashboard) -> None:
        status, listed = await ana.get(NUMBERS)
        assert (status, listed["count"], listed["next"]) == (200, 1, None)
        (shown,) = listed["results"]
        assert (shown["id"], shown["phone_number_id"], shown["status"]) == (stage.account.id, NUMBER, "active")
        assert (shown["is_active"], shown["default_agent"], shown["default_agent_name"]) == (
            *(True, stage.agent.id),
            stage.agent.name,
        )
        assert all(isinstance(shown[name], str) and shown[name] for name in ("name", "created_at", "updated_at"))
        assert shown["webhook_verified"] is False
        await stage.hears()
        assert (await ana.get(of(stage.account.id)))[1]["webhook_verified"] is True
        assert (await ana.get(f"{of(stage.account.id)}status/"))[1]["status"] == "active"

    @services.sqlite_only
    async def test_what_is_of_another_channel_or_not_theirs_is_not_there(
        self, stage: Stage, api: Api, dash: Dashboard
    ) -> None:
        page = await api.house.account_setup.add(NewAccount(channel=Channel.MESSENGER, provider_id="200"))
        await stage.db.write(people.set_accounts, "ana", [page.id])
        assert (await dash.by("ana").get(NUMBERS))[1]["results"] == []
        for account_id in (page.id, stage.account.id, "acc_nothing", "7"):
            for path in ("", "business_profile/", "status/"):
                assert (await dash.by("ana").get(of(account_id) + path))[0] == 404
        assert (await dash.by("ana").get(f"/whatsapp/templates/?account={stage.account.id}"))[1]["results"] == []

    @services.sqlite_only
    async def test_one_that_can_not_send_says_so(self, stage: Stage, dash: Dashboard) -> None:
        await stage.db.write(accounts.set_fault, stage.account.id, "The token is no longer good.")
        (shown,) = (await dash.get(NUMBERS))[1]["results"]
        assert (shown["status"], shown["is_active"]) == ("error", True)


class TestAdding:
    async def test_the_form_makes_a_number_and_no_answer_has_its_token(self, stage: Stage, dash: Dashboard) -> None:
        status, added = await dash.post(NUMBERS, FORM)
        assert (status, added["name"], added["waba_id"]) == (201, "Filial", "300")
        assert added["display_phone_number"] == added["phone_number"] == "+55 11 98888-0000"
        kept = await stage.db.read(accounts.credentials, stage.vault, AccountId(added["id"]))
        assert (kept.token, kept.secrets) == (TOKEN, (SECRET,))
        answers = [added, *[await dash.get(path) for path in (NUMBERS, of(added["id"]))]]
        assert TOKEN not in json.dumps(answers) and SECRET not in json.dumps(answers)
        status, refused = await dash.post(NUMBERS, FORM)
        assert (status, isinstance(refused["error"]["message"], str)) == (400, True), "it is there already"

    @services.sqlite_only
    async def test_an_empty_agent_is_none_and_a_missing_one_the_houses(self, stage: Stage, dash: Dashboard) -> None:
        _, without = await dash.post(NUMBERS, {**FORM, "default_agent": "", "auto_response_enabled": False})
        assert (without["default_agent"], without["default_agent_name"]) == (None, None)
        assert without["auto_response_enabled"] is False
        made = await stage.db.read(accounts.get, without["id"])
        assert (made.agent_id, made.activation) == (NOBODY, 0), "it was so from the first moment"
        _, another = await dash.post(NUMBERS, {**FORM, "phone_number_id": "100000000000009"})
        assert another["default_agent"] == stage.agent.id

    @services.sqlite_only
    async def test_in_the_place_of_a_token_the_emulator_may_stand(self, stage: Stage, dash: Dashboard) -> None:
        _, added = await dash.post(NUMBERS, {**FORM, "access_token": "emulator", "app_secret": ""})
        assert (await stage.db.read(accounts.get, added["id"])).emulated is True
        for missing in ("access_token", "phone_number_id"):
            assert (await dash.post(NUMBERS, {**FORM, missing: ""}))[0] == 400, missing

    @services.sqlite_only
    async def test_only_an_admin_adds_changes_and_removes(self, stage: Stage, dash: Dashboard) -> None:
        sonia, mine = dash.by("sonia"), of(stage.account.id)
        asked = [
            *[await sonia.post(NUMBERS, FORM), await sonia.patch(mine, {"is_active": False})],
            *[await sonia.delete(mine), await sonia.post(f"{mine}rotate_token/", {"access_token": TOKEN})],
            *[await sonia.post(f"{mine}{word}/") for word in ("activate", "deactivate")],
        ]
        assert {(status, refused["error"]["code"]) for status, refused in asked} == {(400, "forbidden")}, (
            "403 signs out"
        )


class TestChanging:
    async def test_the_switch_silences_it_before_it_is_answered(self, stage: Stage, dash: Dashboard) -> None:
        mine = of(stage.account.id)
        status, off = await dash.patch(mine, {"is_active": False})
        assert (status, off["is_active"], off["status"], off["name"]) == (200, False, "inactive", stage.account.name)
        conversation_id = await stage.hears()
        await stage.all_turns(conversation_id)
        assert stage.dialogue.asked == []
        assert (await dash.post(f"{mine}activate/"))[1]["status"] == "active"
        assert (await dash.post(f"{mine}deactivate/"))[1]["is_active"] is False

    @services.sqlite_only
    async def test_the_edit_form_keeps_the_token_where_it_is_left_empty(self, stage: Stage, dash: Dashboard) -> None:
        _, added = await dash.post(NUMBERS, FORM)
        shown = {name: added[name] for name in FORM if name in added}
        sent = {**shown, "access_token": "", "webhook_verify_token": "", "name": "Matriz"}
        sent |= {"phone_number": "5511977770000", "human_handoff_enabled": False, "default_agent": ""}
        status, edited = await dash.patch(of(added["id"]), sent)
        assert (status, edited["name"], edited["phone_number"]) == (200, "Matriz", "5511977770000")
        assert (edited["human_handoff_enabled"], edited["default_agent"], edited["waba_id"]) == (False, None, "300")
        kept = await stage.db.read(accounts.credentials, stage.vault, AccountId(added["id"]))
        assert kept.token == TOKEN
        status, refused = await dash.patch(of(added["id"]), {**sent, "phone_number_id": "9"})
        assert (status, "for life" in refused["detail"]) == (400, True)

    @services.sqlite_only
    async def test_the_edit_form_may_change_all_there_is_at_once(self, stage: Stage, dash: Dashboard) -> None:
        _, added = await dash.post(NUMBERS, FORM)
        sent = {"access_token": TOKEN + "-2", "human_handoff_enabled": False, "waba_id": "301", "is_active": False}
        status, edited = await dash.patch(of(added["id"]), sent)
        assert (status, edited.get("human_handoff_enabled"), edited.get("is_active")) == (200, False, False), edited
        kept = await stage.db.read(accounts.credentials, stage.vault, AccountId(added["id"]))
        assert (kept.token, edited["waba_id"]) == (TOKEN + "-2", "301")

    @services.sqlite_only
    async def test_a_new_token_moves_the_version_and_is_shown_to_nobody(self, stage: Stage, dash: Dashboard) -> None:
        _, added = await dash.post(NUMBERS, FORM)
        status, rotated = await dash.post(f"{of(added['id'])}rotate_token/", {"access_token": TOKEN + "-2"})
        assert (status, rotated["token_version"] > added["token_version"]) == (200, True)
        assert TOKEN not in json.dumps(rotated)
        kept = await stage.db.read(accounts.credentials, stage.vault, AccountId(added["id"]))
        assert kept.token == TOKEN + "-2"
        assert (await dash.post(f"{of(added['id'])}rotate_token/"))[0] == 400, "without one"

    async def test_one_that_was_removed_is_in_no_list_and_comes_back_when_added(
        self, stage: Stage, dash: Dashboard
    ) -> None:
        _, added = await dash.post(NUMBERS, FORM)
        assert await dash.delete(of(added["id"])) == (204, None)
        assert [each["id"] for each in (await dash.get(NUMBERS))[1]["results"]] == [stage.account.id]
        assert (await dash.get(of(added["id"])))[0] == 404
        assert (await dash.delete(of(added["id"])))[0] == 404
        status, back = await dash.post(NUMBERS, {**FORM, "name": "De volta"})
        assert (status, back["id"], back["name"], back["is_active"]) == (201, added["id"], "De volta", True)


@services.sqlite_only
class TestWhatMetaTells:
    async def test_the_profile_of_the_business_or_nothing(
        self, stage: Stage, dash: Dashboard, business: FakeBusiness, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = f"{of(stage.account.id)}business_profile/"
        assert (await dash.get(path))[1]["about"] == "comida de casa"
        business.fails = SendError("Refused by Meta.", error_code=190)
        assert await dash.get(path) == (200, {})
        business.fails, business.hangs = None, True
        monkeypatch.setattr("runtime.businesses._WITHIN_S", 0.01)
        assert await dash.get(path) == (200, {})

    async def test_templates_are_asked_for_once_in_some_minutes_and_never_break_the_page(
        self, stage: Stage, dash: Dashboard, business: FakeBusiness
    ) -> None:
        path = f"/whatsapp/templates/?account={stage.account.id}"
        assert (await dash.get(path))[1] == {"count": 0, "next": None, "previous": None, "results": []}
        assert business.asked == 0, "nobody knows whose they are"
        await dash.patch(of(stage.account.id), {"waba_id": "300"})
        (template,) = (await dash.get(path))[1]["results"]
        assert (template["name"], template["account"], template["components"]) == ("pronto", stage.account.id, [])
        await dash.get(path)
        assert business.asked == 1
        stage.clock.wind(301)
        business.fails = SendError("Refused by Meta.", error_code=4, retryable=True)
        assert (await dash.get(path))[1]["count"] == 1, "those of before"
        assert (await dash.get(path))[0] == 200
        assert business.asked == 2, "not again at once"
        assert await dash.get("/whatsapp/templates/") == (200, _EMPTY)
        assert (await dash.get("/whatsapp/templates/?account=acc_of_a_page"))[1] == _EMPTY

    async def test_they_are_asked_for_now_when_somebody_says_so(
        self, stage: Stage, dash: Dashboard, business: FakeBusiness
    ) -> None:
        path = f"{of(stage.account.id)}sync_templates/"
        status, refused = await dash.post(path)
        assert (status, "business account" in refused["detail"]) == (400, True)
        await dash.patch(of(stage.account.id), {"waba_id": "300"})
        assert await dash.post(path) == (200, {"message": "WhatsApp has 1 templates of this number.", "count": 1})
        await dash.post(path)
        assert business.asked == 2
        business.fails = SendError("Refused by Meta.", error_code=190)
        status, refused = await dash.post(path)
        assert (status, refused["detail"]) == (400, "Refused by Meta.")


_EMPTY: dict[str, Any] = {"count": 0, "next": None, "previous": None, "results": []}


@services.sqlite_only
async def test_a_number_of_the_same_id_as_a_page_is_found_by_our_own_id_only(
    stage: Stage, api: Api, dash: Dashboard
) -> None:
    await api.house.account_setup.add(NewAccount(channel=Channel.MESSENGER, provider_id=NUMBER))
    assert (await dash.get(of(NUMBER)))[0] == 404
    assert (await dash.get(of(stage.account.id)))[0] == 200
    assert (await stage.db.read(accounts.get, stage.account.id)).created_at == START
