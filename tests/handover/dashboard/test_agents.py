"""The pages of agents, on both generations of paths: made, changed, switched off and really silent, tried."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from conversation.agent import Agent
from runtime.actors import stop
from runtime.trying_out import Tried, TryingOut, serve
from store import agents, operators, people
from store.operators import Role
from tests import services
from tests.handover.conftest import Api
from tests.handover.dashboard.conftest import Dashboard
from tests.house import ANA, NUMBER, OTHER_NUMBER, START, Stage, add_account

both_paths = pytest.mark.parametrize("prefix", ["/agents", "/agents/agents"])
#: What the form of the page sends for a new agent, without a field touched but the name.
FORM = {
    "name": "Nina",
    "provider": "kimi",
    "model_name": "kimi-for-coding",
    "temperature": 0.7,
    "max_tokens": 32768,
    "timeout": 30,
    "system_prompt": "Você é o assistente.",
    "context_prompt": "",
    "status": "draft",
    "use_memory": True,
    "memory_ttl": 3600,
    "accounts": [],
}
KEY = "sk-do-not-tell-anybody"


def form_of(shown: dict[str, Any], **typed: Any) -> dict[str, Any]:
    """What the page sends when an agent that it was shown is saved."""
    fields = [*FORM, "description", "base_url"]
    return {**{name: shown[name] for name in fields}, "accounts": [each["id"] for each in shown["accounts"]], **typed}


@both_paths
async def test_the_three_calls_of_the_page_of_one_agent_are_answered_in_its_shapes(
    stage: Stage, ana: Dashboard, prefix: str
) -> None:
    status, listed = await ana.get(f"{prefix}/")
    (shown,) = listed["results"]
    assert (status, listed["count"], shown["name"], shown["status"]) == (200, 1, "assistant", "active")
    assert (shown["provider"], shown["model_name"], shown["description"], shown["is_active"]) == ("rasa", "", "", True)
    assert shown["created_at"] == shown["updated_at"] == START.isoformat(timespec="milliseconds")
    _, detail = await ana.get(f"{prefix}/{shown['id']}/")
    assert shown.items() <= detail.items()
    assert detail["accounts"] == [{"id": stage.account.id, "name": "Cantina", "phone_number": NUMBER}]
    assert (detail["base_url"], detail["timeout"], detail["memory_ttl"]) == ("", 30, 3600)
    _, stats = await ana.get(f"{prefix}/{shown['id']}/stats/")
    numbers = ("total_conversations", "total_messages", "avg_response_time_ms", "active_sessions")
    assert [stats[name] for name in numbers] == [0, 0, 0, 0], "null would blank the page"
    _, talks = await ana.get(f"{prefix}/{shown['id']}/conversations/")
    assert (talks["count"], talks["results"], talks["next"]) == (0, [], None)


@both_paths
@services.sqlite_only
async def test_the_forms_addresses_come_from_a_path_that_is_no_agents(
    stage: Stage, ana: Dashboard, prefix: str
) -> None:
    _, config = await ana.get(f"{prefix}/provider_config/")
    assert {"kimi", "openai", "anthropic", "nvidia", "ollama", "rasa"} == set(config)
    assert config["anthropic"] == {
        "base_url": "https://api.anthropic.com",
        "model_name": config["anthropic"]["model_name"],
        "api_style": "anthropic",
    }
    status, refused = await ana.get(f"{prefix}/no-such-agent/")
    assert (status, refused["error"]) == (404, refused["detail"])


@both_paths
async def test_an_agent_is_made_changed_and_removed(stage: Stage, dash: Dashboard, prefix: str) -> None:
    status, made = await dash.post(f"{prefix}/", FORM)
    assert (status, made["status"], made["max_tokens"]) == (201, "draft", 32768)
    assert "warning" not in made
    one = f"{prefix}/{made['id']}/"
    typed = form_of(made, name="Nina da Cantina", temperature=0.2, memory_ttl=600, timeout=12, description="de noite")
    status, changed = await dash.patch(one, typed)
    assert (status, changed["id"], changed["name"], changed["temperature"]) == (200, made["id"], typed["name"], 0.2)
    assert (changed["memory_ttl"], changed["timeout"], changed["description"]) == (600, 12, "de noite")
    assert (await dash.get(one))[1] == changed
    kept = await stage.db.read(agents.get, made["id"])
    assert (kept.model.base_url, changed["base_url"]) == ("", "https://api.moonshot.ai/v1"), "its provider's own"
    status, same = await dash.post(f"{prefix}/", typed)
    assert (status, same["error"]) == (400, "There is already an agent named Nina da Cantina.")
    assert await dash.delete(one) == (204, None)
    assert (await dash.get(one))[0] == 404
    assert [each["name"] for each in (await dash.get(f"{prefix}/"))[1]["results"]] == ["assistant"]


@services.sqlite_only
async def test_a_number_field_that_was_emptied_changes_nothing(stage: Stage, dash: Dashboard) -> None:
    _, made = await dash.post("/agents/", FORM)
    _, changed = await dash.patch(f"/agents/{made['id']}/", {"max_tokens": None, "timeout": None, "name": None})
    assert changed == made
    status, refused = await dash.patch(f"/agents/{made['id']}/", {"max_tokens": 0})
    assert (status, isinstance(refused["detail"], str), refused["error"]) == (400, True, refused["detail"])


@both_paths
async def test_switched_off_it_is_silent_and_on_again_it_answers(stage: Stage, dash: Dashboard, prefix: str) -> None:
    one = f"{prefix}/{stage.agent.id}/"
    for switch, is_on, answers in (
        ({"status": "inactive"}, False, 0),
        ({"status": "active"}, True, 1),
        ({"is_active": False}, False, 1),
        ({"is_active": True}, True, 2),
    ):
        status, shown = await dash.patch(one, switch)
        assert (status, shown["status"], shown["is_active"]) == (200, "active" if is_on else "inactive", is_on)
        conversation_id = await stage.hears("tem lasanha?")
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == ["Olá!"] * answers, switch


@services.sqlite_only
async def test_rasa_stays_rasa_where_its_form_is_saved(stage: Stage, dash: Dashboard) -> None:
    one = f"/agents/{stage.agent.id}/"
    before = await stage.db.read(agents.get, stage.agent.id)
    _, shown = await dash.get(one)
    _, saved = await dash.patch(one, form_of(shown))
    assert (saved, saved["provider"]) == (shown, "rasa")
    assert await stage.db.read(agents.get, stage.agent.id) == before, "nothing was changed"


@services.sqlite_only
async def test_what_is_to_be_active_and_has_no_key_is_saved_and_says_what_is_missing(
    stage: Stage, dash: Dashboard
) -> None:
    form = {**FORM, "status": "active", "base_url": "https://api.moonshot.ai/v1/"}
    status, made = await dash.post("/agents/", form)
    assert (status, made["status"]) == (201, "draft")
    assert "kimi wants a key" in made["warning"] and "--key-stdin" in made["warning"]
    one = f"/agents/{made['id']}/"
    status, saved = await dash.reading("pt").patch(one, form_of(made, system_prompt="Outro.", status="active"))
    assert (status, saved["status"], saved["system_prompt"]) == (200, "draft", "Outro.")
    assert "exige uma chave" in saved["warning"]
    status, refused = await dash.patch(one, {"status": "active"})
    assert (status, refused["error"], "wants a key" in refused["detail"]) == (400, refused["detail"], True)
    _, audited = await dash.api.get("/audit", by="chefe")
    told = [each["facts"].get("status") for each in audited["items"] if each["action"] == "dash_add_agent_2"]
    assert told == ["draft"], "what was done, not what was asked for"


@services.sqlite_only
async def test_one_that_answers_is_not_saved_as_what_could_not(stage: Stage, dash: Dashboard) -> None:
    _, made = await dash.post("/agents/", {**FORM, "api_key": KEY, "status": "active"})
    assert (made["status"], made["has_api_key"], "warning" in made) == ("active", True, False)
    one = f"/agents/{made['id']}/"
    for typed in ({"model_name": ""}, {"provider": "openai", "model_name": "gpt-4o"}):
        status, refused = await dash.patch(one, form_of(made, **typed))
        assert (status, refused["error"]) == (400, refused["detail"]), typed
    assert (await dash.get(one))[1] == made, "it goes on as it was, and its key is kept"


@services.sqlite_only
async def test_a_key_is_taken_and_shown_to_nobody(stage: Stage, dash: Dashboard) -> None:
    answers = [await dash.post("/agents/", {**FORM, "api_key": KEY})]
    one = f"/agents/{answers[0][1]['id']}/"
    answers += [await dash.patch(one, {"api_key": ""}), await dash.get(one), await dash.get("/agents/")]
    assert KEY not in str(answers)
    assert answers[2][1]["has_api_key"], "an empty one keeps the one that is there"
    kept = await stage.db.read(agents.api_key, stage.vault, answers[0][1]["id"])
    assert kept == KEY


@services.sqlite_only
async def test_an_address_of_the_agents_own_stays(stage: Stage, dash: Dashboard) -> None:
    _, made = await dash.post("/agents/", {**FORM, "base_url": "https://llm.example.org/v1"})
    assert made["base_url"] == "https://llm.example.org/v1"
    status, refused = await dash.post("/agents/", {**FORM, "name": "Zita", "base_url": "http://10.0.0.1/v1"})
    assert (status, "BATON_LLM_LOCAL" in refused["detail"]) == (400, True)
    _, back = await dash.patch(f"/agents/{made['id']}/", {"base_url": ""})
    assert back["base_url"] == "https://api.moonshot.ai/v1"


async def test_the_accounts_that_are_ticked_have_it_from_then_on(stage: Stage, dash: Dashboard) -> None:
    other = await stage.db.write(lambda tx: add_account(tx, stage.vault, stage.agent, OTHER_NUMBER))
    _, made = await dash.post("/agents/", {**FORM, "accounts": [other.id]})
    assert [each["id"] for each in made["accounts"]] == [other.id]
    one = f"/agents/{made['id']}/"
    _, both = await dash.patch(one, {"accounts": [other.id, stage.account.id]})
    assert {each["id"] for each in both["accounts"]} == {other.id, stage.account.id}
    assert (await dash.get(f"/agents/{stage.agent.id}/"))[1]["accounts"] == []
    status, refused = await dash.delete(one)
    assert (status, refused["error"]) == (400, refused["detail"])
    assert (await dash.patch(one, {"accounts": ["acc_none"]}))[0] == 404
    _, none = await dash.patch(one, {"accounts": []})
    assert none["accounts"] == []
    assert (await dash.delete(one))[0] == 204


@services.sqlite_only
async def test_an_account_that_is_not_theirs_is_neither_shown_nor_given(stage: Stage, dash: Dashboard) -> None:
    other = await stage.db.write(lambda tx: add_account(tx, stage.vault, stage.agent, OTHER_NUMBER))
    dash.api.tokens["lia"] = await stage.db.write(operators.add, "lia", Role.ADMIN, START)
    await stage.db.write(people.set_accounts, "lia", [other.id])
    lia, one = dash.by("lia"), f"/agents/{stage.agent.id}/"
    assert [each["id"] for each in (await lia.get(one))[1]["accounts"]] == [other.id]
    status, _ = await lia.post("/agents/", {**FORM, "accounts": [stage.account.id]})
    assert status == 404
    await lia.patch(one, {"accounts": []})
    assert [each["id"] for each in (await dash.get(one))[1]["accounts"]] == [stage.account.id]


@services.sqlite_only
async def test_nobody_is_no_agent(stage: Stage, dash: Dashboard) -> None:
    nobody = await stage.db.write(agents.nobody, START)
    assert [each["name"] for each in (await dash.get("/agents/"))[1]["results"]] == ["assistant"]
    for status, _ in (
        await dash.get(f"/agents/{nobody.id}/"),
        await dash.get(f"/agents/{nobody.id}/stats/"),
        await dash.patch(f"/agents/{nobody.name}/", {"status": "active"}),
        await dash.delete(f"/agents/{nobody.id}/"),
    ):
        assert status == 404


@services.sqlite_only
async def test_only_admins_change_one_and_only_supervisors_try_one(stage: Stage, ana: Dashboard) -> None:
    one = f"/agents/{stage.agent.id}/"
    for status, refused in (
        await ana.post("/agents/", FORM),
        await ana.by("sonia").patch(one, {"status": "inactive"}),
        await ana.by("sonia").delete(one),
        await ana.post(f"{one}process/", {"message": "oi"}),
    ):
        assert (status, refused["error"]) == (400, refused["detail"]), "a 403 would sign them out"
    assert (await ana.get(one))[1]["status"] == "active"


class Echo:
    """An assistant that says what it was told."""

    async def try_out(self, agent: Agent, session: str, text: str, account_ids: Any = None) -> Tried:
        return Tried(texts=(f"Você disse: {text}", "Mais?"), tokens=7 if text == "oi" else None, ms=12, by="m-1")


@pytest.fixture
async def worker(api: Api, stage: Stage) -> AsyncIterator[None]:
    """It answers what is tried."""
    api.house.trying_out = TryingOut(stage.db, api.house.bus, stage.clock, patience_s=8)
    task = asyncio.create_task(serve(stage.db, api.house.bus, stage.clock, Echo()))
    yield
    await stop(task)


@both_paths
@services.sqlite_only
async def test_it_is_tried_and_goes_on_under_the_same_name(
    stage: Stage, dash: Dashboard, worker: None, prefix: str
) -> None:
    path = f"{prefix}/{stage.agent.id}/process/"
    status, first = await dash.post(path, {"message": "oi", "context": {"test": True}, "store": "cantina"})
    assert (status, first["response"], first["tokens_used"]) == (200, "Você disse: oi\n\nMais?", 7)
    assert (first["response_time_ms"], isinstance(first["session_id"], str)) == (12, True)
    _, second = await dash.post(path, {"message": "e agora?", "session_id": first["session_id"]})
    assert (second["session_id"], "tokens_used" in second) == (first["session_id"], False)
    assert (await dash.post(path, {"message": ""}))[0] == 400


@services.sqlite_only
async def test_where_no_worker_runs_the_one_who_tries_is_told_in_words(stage: Stage, dash: Dashboard) -> None:
    status, refused = await dash.post(f"/agents/{stage.agent.id}/process/", {"message": "oi"})
    assert (status, refused["error"], "No worker took it" in refused["detail"]) == (503, refused["detail"], True)
    assert ANA not in str(refused)
