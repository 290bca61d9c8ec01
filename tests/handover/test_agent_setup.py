"""Agents as admins make them through the API: with whom they think, a key that goes nowhere else, which accounts."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from conversation.agent import NOBODY, AgentStatus
from runtime.trying_out import serve
from store import accounts, agents, llm_calls, operators, people, tables
from store.operators import Role
from tests import services
from tests.handover.conftest import Api
from tests.house import BEN, OTHER_NUMBER, START, Script, Stage, add_account
from tests.runtime.test_trying_out import Assistant

KEY = "sk-of-the-provider"
NINA = {"name": "Nina", "provider": "openai", "model": {"model_name": "gpt-4o-mini"}, "api_key": KEY}


async def add(api: Api, **facts: Any) -> tuple[int, Any]:
    return await api.post("/agents", by="chefe", body={**NINA, **facts})


async def change(api: Api, which: str, **facts: Any) -> tuple[int, Any]:
    return await api.call("PATCH", f"/api/v1/agents/{which}", by="chefe", body=facts)


async def key(stage: Stage, name: str) -> str | None:
    agent = await stage.db.read(agents.get, name)
    return await stage.db.read(agents.api_key, stage.vault, agent.id)


class TestAnAgent:
    async def test_has_a_model_and_a_key_that_no_answer_tells(self, stage: Stage, api: Api) -> None:
        _, added = await add(api, description="Cardápio e horários")
        assert (added["provider"], added["status"], added["has_key"]) == ("openai", "draft", True)
        assert (added["model"]["model_name"], added["model"]["max_tokens"]) == ("gpt-4o-mini", 1_000)
        _, changed = await change(api, "Nina", model={"temperature": 0.1, "max_tokens": None}, status="active")
        assert (changed["model"]["temperature"], changed["model"]["model_name"]) == (0.1, "gpt-4o-mini")
        assert (changed["description"], changed["version"], changed["in_flight"]) == ("Cardápio e horários", 2, 0)
        answers = [added, changed, await api.get("/agents"), await api.get("/agents/Nina")]
        audit = await api.get("/audit", by="chefe")
        assert KEY not in str([answers, audit])
        assert KEY in api.house.hidden
        (row,) = [
            each for each in await stage.db.read(lambda tx: tx.execute(tables.agents.select()).all()) if each.api_key
        ]
        assert KEY.encode() not in row.api_key
        assert await key(stage, "Nina") == KEY

    async def test_goes_on_with_what_waits_to_be_sent_where_only_its_prompt_changes(
        self, stage: Stage, api: Api
    ) -> None:
        before = (await stage.db.read(agents.get, "assistant")).activation
        await change(api, "assistant", model={"system_prompt": "Seja breve."}, provider="ollama")
        assert (await stage.db.read(agents.get, "assistant")).activation == before
        await change(api, "assistant", status="inactive")
        assert (await stage.db.read(agents.get, "assistant")).activation == before + 1

    @services.sqlite_only
    @pytest.mark.parametrize(
        ("facts", "told"),
        [
            ({"model": {}, "status": "active"}, "`model_name`"),
            ({"api_key": None, "status": "active"}, "`api_key`"),
            (
                {
                    "model": {"model_name": "m", "base_url": "https://api.openai.com/v1/"},
                    "api_key": None,
                    "status": "active",
                },
                "`api_key`",
            ),
            ({"model": {"base_url": "http://10.0.0.1/v1"}}, "BATON_LLM_LOCAL"),
            ({"model": {"base_url": "http://127.0.0.1:80/v1"}}, "BATON_LLM_LOCAL"),
            ({"model": {"base_url": "https://ana:x@ai.example/v1"}}, "`base_url`"),
            ({"model": {"base_url": "https://ai.example/v1?key=1"}}, "`base_url`"),
            ({"model": {"base_url": "https://ai.example/#v1"}}, "`base_url`"),
            ({"model": {"base_url": "https://ai.example:99999/v1"}}, "`base_url`"),
            ({"model": {"base_url": "file:///etc/passwd"}}, "`base_url`"),
            ({"model": {"base_url": "https:///v1"}}, "`base_url`"),
            ({"model": {"base_url": "https://ai.example\\@10.0.0.1/"}}, "`base_url`"),
            ({"model": {"temperature": 3}}, "does not fit"),
            ({"model": {"tempo": 3}}, "tempo"),
            ({"api_key": "two words"}, "A key is"),
            ({"provider": "skynet"}, "does not fit"),
        ],
    )
    async def test_that_could_not_think_is_refused_with_what_is_missing(
        self, stage: Stage, api: Api, facts: dict[str, Any], told: str
    ) -> None:
        status, refused = await add(api, **facts)
        assert (status, told in refused["error"]["message"]) == (400, True), refused
        assert (await api.get("/agents/Nina"))[0] == 404

    @services.sqlite_only
    @pytest.mark.parametrize(
        "facts",
        [
            {"provider": "ollama", "api_key": None, "status": "active"},
            {"model": {"model_name": "m", "base_url": "https://ai.example/v1"}, "api_key": None, "status": "active"},
            {"model": {"model_name": "m", "base_url": "http://127.0.0.1:11434/v1"}, "status": "active"},
        ],
    )
    async def test_needs_no_key_at_an_address_of_its_own(self, api: Api, facts: dict[str, Any]) -> None:
        assert (await add(api, **facts))[0] == 200

    async def test_takes_its_key_to_no_other_address(self, stage: Stage, api: Api) -> None:
        await add(api, status="active")
        elsewhere = {"base_url": "https://elsewhere.example/v1"}
        for facts in ({"model": elsewhere}, {"provider": "kimi"}):
            status, refused = await change(api, "Nina", **facts)
            assert (status, "another address" in refused["error"]["message"]) == (400, True)
        assert await key(stage, "Nina") == KEY
        assert (await change(api, "Nina", model={"base_url": "https://api.openai.com/v1/"}))[0] == 200
        assert (await change(api, "Nina", model=elsewhere, api_key="sk-2"))[1]["has_key"]
        assert await key(stage, "Nina") == "sk-2"
        assert not (await change(api, "Nina", provider="rasa"))[1]["has_key"]
        assert await key(stage, "Nina") is None

    @services.sqlite_only
    async def test_that_can_t_think_any_more_can_always_be_switched_off(self, stage: Stage, api: Api) -> None:
        await add(api, status="active")
        assert (await change(api, "Nina", api_key=""))[0] == 400
        lost = {"model": {"base_url": "http://10.0.0.1/v1"}, "api_key": None}
        await stage.db.write(lambda tx: tx.execute(tables.agents.update().values(**lost)))
        assert (await change(api, "Nina", status="inactive"))[0] == 200
        assert (await change(api, "Nina", status="active"))[0] == 400


class TestItsAccounts:
    async def test_are_those_that_are_named_and_the_others_get_the_oldest_agent(self, stage: Stage, api: Api) -> None:
        other = await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
        before = (await stage.db.read(accounts.get, other.id)).activation
        stage.clock.wind(1)
        _, added = await add(api, accounts=[other.id], status="active")
        assert added["accounts"] == [{"id": other.id, "name": "Cantina"}]
        assert (await stage.db.read(accounts.get, other.id)).activation == before + 1
        _, changed = await change(api, "Nina", accounts=[stage.account.id])
        assert [each["id"] for each in changed["accounts"]] == [stage.account.id]
        assert (await stage.db.read(accounts.get, other.id)).agent_id == stage.agent.id
        _, listed = await api.get("/agents")
        assert [[each["id"] for each in agent["accounts"]] for agent in listed["items"]] == [
            [other.id],
            [stage.account.id],
        ]

    async def test_of_the_oldest_agent_have_nobody_when_they_are_taken_from_it(self, stage: Stage, api: Api) -> None:
        _, changed = await change(api, "assistant", accounts=[])
        assert changed["accounts"] == []
        account = await stage.db.read(accounts.get, stage.account.id)
        nobody = await stage.db.read(agents.get, account.agent_id)
        assert (nobody.id, nobody.name, nobody.status) == (NOBODY, "nobody", AgentStatus.DRAFT)
        conversation_id = await stage.hears()
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == []

    @pytest.mark.parametrize("way", ["by the agent", "by the account"])
    async def test_that_are_taken_from_an_agent_are_silent_when_the_answer_is_there(
        self, stage: Stage, api: Api, way: str
    ) -> None:
        """What was claimed before is waited for, and told where it is still on its way."""
        at_meta, answered = asyncio.Event(), asyncio.Event()

        async def slow(_: Any) -> None:
            at_meta.set()
            await answered.wait()

        stage.channel.during = slow
        conversation_id = await stage.hears()
        stage.dialogue.script.append(Script(says=["Olá!"]))
        await stage.all_turns(conversation_id)
        async with stage.delivering():
            await at_meta.wait()
            if way == "by the agent":
                _, changed = await change(api, "assistant", accounts=[])
            else:
                nobody = (await stage.db.write(agents.nobody, START)).id
                path = f"/api/v1/accounts/{stage.account.id}"
                _, changed = await api.call("PATCH", path, by="chefe", body={"agent": nobody})
            assert changed["in_flight"] > 0
            answered.set()

    @services.sqlite_only
    async def test_that_an_admin_does_not_see_are_neither_told_nor_moved_nor_named(
        self, stage: Stage, api: Api
    ) -> None:
        other = await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
        api.tokens["zita"] = await stage.db.write(operators.add, "zita", Role.ADMIN, START)
        await stage.db.write(people.set_accounts, "zita", [other.id])
        _, shown = await api.get("/agents/assistant", by="zita")
        assert [each["id"] for each in shown["accounts"]] == [other.id]
        body = {**NINA, "accounts": [stage.account.id]}
        assert (await api.post("/agents", by="zita", body=body))[0] == 404
        await api.call("PATCH", "/api/v1/agents/assistant", by="zita", body={"accounts": []})
        assert (await stage.db.read(accounts.get, other.id)).agent_id == NOBODY
        assert (await stage.db.read(accounts.get, stage.account.id)).agent_id == stage.agent.id


@services.sqlite_only
async def test_nobody_is_never_switched_on_changed_or_removed(stage: Stage, api: Api) -> None:
    later = START + timedelta(seconds=1)
    await stage.db.write(agents.add, "nobody", AgentStatus.DRAFT, later)  # a name that is somebody's
    nobody = await stage.db.write(agents.nobody, START)
    assert nobody == await stage.db.write(agents.nobody, START)
    for facts in ({"status": "active"}, {"name": "x"}, {"api_key": "x"}, {"provider": "ollama"}):
        status, refused = await change(api, NOBODY, **facts)
        assert (status, refused["error"]["code"]) == (409, "nobody"), facts
    assert (await api.call("DELETE", f"/api/v1/agents/{NOBODY}", by="chefe"))[0] == 409
    assert (await stage.db.read(agents.get, NOBODY)) == nobody
    assert (await stage.db.write(agents.ensure_default, START)).id == stage.agent.id


@services.sqlite_only
async def test_an_agent_that_only_removed_accounts_have_can_be_removed(stage: Stage, api: Api) -> None:
    other = await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
    await add(api, accounts=[other.id])
    await stage.db.write(
        lambda tx: tx.execute(tables.accounts.update().where(tables.accounts.c.id == other.id).values(removed_at=START))
    )
    assert (await api.call("DELETE", "/api/v1/agents/Nina", by="chefe"))[0] == 200
    assert (await stage.db.read(accounts.get, other.id)).agent_id == NOBODY


class TestStatistics:
    async def test_count_what_was_written_answered_and_spent(self, stage: Stage, api: Api) -> None:
        await self._a_day(stage)
        _, told = await api.get("/agents/assistant/statistics")
        assert told == {
            **{"days": 30, "conversations": 2, "messages": 3, "answered": 2, "average_response_ms": 4_000},
            **{"active_sessions": 2, "tokens_in": 130, "tokens_out": 27, "cost_usd": 0.00042},
            "failures": {"timeout": 1},
        }
        stage.clock.wind(timedelta(hours=2).total_seconds())
        assert (await api.get("/agents/assistant/statistics"))[1]["active_sessions"] == 0
        stage.clock.wind(timedelta(days=2).total_seconds())
        _, told = await api.get("/agents/assistant/statistics?days=1")
        assert (told["messages"], told["average_response_ms"], told["tokens_in"]) == (0, None, 0)

    @services.sqlite_only
    async def test_are_those_of_one_s_own_accounts(self, stage: Stage, api: Api) -> None:
        await self._a_day(stage)
        other = await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
        await stage.db.write(people.set_accounts, "ben", [other.id])
        _, told = await api.get("/agents/assistant/statistics", by="ben")
        assert (told["messages"], told["tokens_in"], told["failures"]) == (0, 0, {})
        await stage.db.write(people.set_accounts, "ben", [other.id, stage.account.id])
        _, told = await api.get("/agents/assistant/statistics", by="ben")
        assert (told["messages"], told["tokens_in"]) == (3, 120), "what was tried out is nobody's"

    async def test_a_session_tells_what_it_cost_and_when_its_memory_was_cleared(self, stage: Stage, api: Api) -> None:
        conversation_id = await self._a_day(stage)
        path = f"/agents/assistant/sessions/{conversation_id}"
        _, session = await api.get(path)
        assert (session["tokens"], session["cost_usd"], session["memory_cleared_at"]) == (147, 0.0004, None)
        assert session["messages"] == 3, "who took it is no message"
        stage.clock.wind(60)
        await api.call("DELETE", f"/api/v1{path}/memory", by="sonia")
        _, session = await api.get(path)
        assert (session["tokens"], session["messages"]) == (0, 0)
        assert session["memory_cleared_at"] == session["began_at"] == session["last_active_at"]

    async def _a_day(self, stage: Stage) -> str:
        """Ana is answered after 4 s, writes again to a person, and Ben is answered with a reminder hours later."""
        conversation_id = await stage.hears("oi")
        stage.clock.wind(4)
        await stage.all_turns(conversation_id)
        await stage.ownership.take(conversation_id, by="ana")
        await stage.hears("obrigada")
        await stage.all_turns(conversation_id)
        silent = await stage.hears("e aí", phone=BEN)
        stage.dialogue.script.append(Script(says=[]))
        await stage.all_turns(silent)
        given: dict[str, Any] = {"agent_id": stage.agent.id, "model": "m", "ms": 900, "at": stage.clock.now()}
        for of, outcome, tokens_in, tokens_out, cost in (
            (conversation_id, "answered", 100, 20, 300),
            (conversation_id, "timeout", 20, 7, 100),
            (None, "answered", 10, 0, 20),
        ):
            await stage.db.write(
                llm_calls.add,
                conversation_id=of,
                outcome=outcome,
                tokens_in=tokens_in,
                tokens_out=tokens_out,
                cost=cost,
                **given,
            )
        assert await stage.db.read(llm_calls.tokens_since, stage.agent.id, START) == 157
        return conversation_id


class TestTrying:
    @services.sqlite_only
    async def test_an_agent_answers_what_a_supervisor_tries(self, stage: Stage, api: Api) -> None:
        worker = asyncio.create_task(serve(stage.db, api.house.bus, stage.clock, Assistant()))
        status, said = await api.post("/agents/assistant/process", by="sonia", body={"message": "oi"})
        worker.cancel()
        assert (status, said.pop("session_id").startswith("ses_")) == (200, True)
        assert said == {
            **{"texts": ["Você disse: oi", "Mais?"], "response": "Você disse: oi\n\nMais?"},
            **{"tokens_used": 7, "response_time_ms": 12, "by": "m-1"},
        }

    @services.sqlite_only
    async def test_where_no_worker_is_it_is_told_so(self, stage: Stage, api: Api) -> None:
        status, refused = await api.post("/agents/assistant/process", by="sonia", body={"message": "oi"})
        assert (status, refused["error"]["code"]) == (503, "unavailable")
        assert "No worker took it" in refused["error"]["message"]

    @services.sqlite_only
    async def test_the_providers_are_listed_with_what_each_needs(self, stage: Stage, api: Api) -> None:
        _, told = await api.get("/agents/providers")
        assert list(told) == ["rasa", "openai", "kimi", "nvidia", "ollama", "anthropic"]
        assert (told["ollama"]["needs_key"], told["anthropic"]["api_style"]) == (False, "anthropic")
        assert told["openai"]["base_url"] == "https://api.openai.com/v1"
