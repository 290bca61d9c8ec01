"""Agents through the API, and what their talks came to, turn by turn."""

from __future__ import annotations

from typing import Any

from conversation.conversation import ConversationId
from store import trackers
from tests import services
from tests.handover.conftest import Api
from tests.house import ANA, BEN, NUMBER, Script, Stage

AGENT = "/agents/assistant"


async def talk(stage: Stage, *texts: str, phone: str = ANA, **script: Any) -> ConversationId:
    """The customer writes, and the assistant answers each."""
    conversation_id = await stage.hears(texts[0], phone=phone)
    stage.dialogue.script.append(Script(**script))
    await stage.all_turns(conversation_id)
    for text in texts[1:]:
        await stage.hears(text, phone=phone)
        await stage.all_turns(conversation_id)
    return conversation_id


def slot(name: str, value: Any) -> dict[str, Any]:
    return {"event": "slot", "timestamp": 1.0, "name": name, "value": value}


class TestAgents:
    async def test_are_added_renamed_switched_and_removed(self, stage: Stage, api: Api) -> None:
        _, added = await api.post("/agents", by="chefe", body={"name": "Nina"})
        assert (added["name"], added["status"], added["version"]) == ("Nina", "draft", 1)
        assert (await api.post("/agents", by="chefe", body={"name": "Nina"}))[0] == 400
        body = {"name": "Nina da Cantina", "status": "active", "version": 1}
        _, changed = await api.call("PATCH", f"/api/v1/agents/{added['id']}", by="chefe", body=body)
        assert (changed["name"], changed["status"], changed["version"]) == ("Nina da Cantina", "active", 2)
        status, refused = await api.call("PATCH", f"/api/v1/agents/{added['id']}", by="chefe", body=body)
        assert (status, refused["error"]["code"]) == (409, "edited")
        assert (await api.get("/agents/Nina%20da%20Cantina"))[1]["id"] == added["id"]
        assert (await api.call("DELETE", "/api/v1/agents/Nina%20da%20Cantina", by="chefe"))[0] == 200
        assert [agent["name"] for agent in (await api.get("/agents"))[1]["items"]] == ["assistant"]

    async def test_one_that_an_account_has_is_not_removed(self, stage: Stage, api: Api) -> None:
        status, refused = await api.call("DELETE", "/api/v1" + AGENT, by="chefe")
        assert (status, refused["error"]["code"], "Cantina" in refused["error"]["message"]) == (409, "in_use", True)
        assert (await api.get(AGENT))[0] == 200

    @services.sqlite_only
    async def test_nothing_said_of_it_changes_nothing(self, stage: Stage, api: Api) -> None:
        _, same = await api.call("PATCH", "/api/v1" + AGENT, by="chefe", body={"status": "active"})
        assert (same["version"], same["in_flight"]) == (1, 0)
        assert (await api.call("PATCH", "/api/v1" + AGENT, by="chefe", body={"status": "asleep"}))[0] == 400


class TestSessions:
    async def test_are_listed_page_by_page_the_latest_word_first(self, stage: Stage, api: Api) -> None:
        first = await talk(stage, "oi", events=[slot("address", "Rua A"), slot("size", "G")])
        stage.clock.wind(60)
        second = await talk(stage, "olá", phone=BEN)
        _, page = await api.get(f"{AGENT}/sessions?limit=1")
        assert ([each["conversation_id"] for each in page["items"]], page["next"]) == ([second], second)
        _, rest = await api.get(f"{AGENT}/sessions?limit=1&after={second}")
        (shown,) = rest["items"]
        assert (shown["conversation_id"], rest["next"]) == (first, None)
        assert (shown["last_intent"], shown["slots_set"], shown["events"]) == ("greet", 2, 4)

    async def test_one_is_shown_turn_by_turn(self, stage: Stage, api: Api) -> None:
        done = [
            {"event": "action", "timestamp": 1.0, "name": "action_check"},
            slot("size", "G"),
            {"event": "action", "timestamp": 1.0, "name": "action_listen"},
        ]
        conversation_id = await talk(stage, "uma grande", events=done)
        await stage.ownership.reply(conversation_id, "Já vai!", by="ana")
        await stage.hears("obrigada")
        await stage.all_turns(conversation_id)
        _, shown = await api.get(f"{AGENT}/sessions/{conversation_id}")
        asked, thanked = shown["turns"]
        assert (asked["text"], asked["intent"], asked["actions"], asked["slots"]) == (
            *("uma grande", "greet", ["action_check"]),
            {"size": "G"},
        )
        assert asked["said"][0] == {"text": "Olá!", "operator": None}
        assert asked["said"][1]["operator"] == "ana"
        assert (thanked["text"], thanked["intent"], thanked["confidence"]) == ("obrigada", None, None)
        assert (shown["slots"], shown["before"]) == ({"size": "G"}, None)

    async def test_its_history_is_paged_backwards_with_nothing_left_out(self, stage: Stage, api: Api) -> None:
        texts = [f"mensagem {number}" for number in range(7)]
        conversation_id = await talk(stage, *texts)
        found: list[str] = []
        path, before = f"{AGENT}/sessions/{conversation_id}/history?limit=3", ""
        for size in (3, 3, 1):
            _, page = await api.get(path + before)
            assert len(page["turns"]) == size
            found = [turn["text"] for turn in page["turns"]] + found
            before = f"&before={page['before']}"
        assert (found, page["before"]) == (texts, None)

    @services.sqlite_only
    async def test_one_of_another_agents_is_not_there(self, stage: Stage, api: Api) -> None:
        conversation_id = await talk(stage, "oi")
        await api.post("/agents", by="chefe", body={"name": "outra"})
        assert (await api.get(f"/agents/outra/sessions/{conversation_id}"))[0] == 404
        assert (await api.get("/agents/outra/sessions"))[1] == {"items": [], "next": None}
        path = f"/api/v1/agents/outra/sessions/{conversation_id}/memory"
        assert (await api.call("DELETE", path, by="sonia"))[0] == 404
        assert (await api.get("/agents/nobody/sessions"))[0] == 404

    @services.sqlite_only
    async def test_nor_is_one_that_no_assistant_has_heard_of(self, stage: Stage, api: Api) -> None:
        conversation_id = await stage.hears()
        assert (await api.get(f"{AGENT}/sessions/{conversation_id}"))[0] == 404
        assert (await api.get(f"{AGENT}/sessions"))[1]["items"] == []


class TestForgetting:
    async def test_begins_a_session_in_which_nothing_is_known(self, stage: Stage, api: Api) -> None:
        conversation_id = await talk(stage, "oi", events=[slot("address", "Rua A")])
        path = f"{AGENT}/sessions/{conversation_id}"
        assert (await api.call("DELETE", f"/api/v1{path}/memory"))[0] == 403
        status, forgotten = await api.call("DELETE", f"/api/v1{path}/memory", by="sonia")
        _, shown = await api.get(path)
        assert (status, shown["slots"], shown["slots_set"]) == (200, {}, 0)
        assert (shown["turns"][0]["new_session"], shown["seq"]) == (True, forgotten["seq"])
        _, history = await api.get(f"{path}/history?before={shown['before']}")
        assert [turn["text"] for turn in history["turns"]] == ["oi"]
        assert await stage.heard(conversation_id) == ["oi"], "what was said is kept"

    async def test_a_turn_under_way_is_taken_anew_and_not_committed_on_what_it_remembers(
        self, stage: Stage, api: Api
    ) -> None:
        conversation_id = await talk(stage, "oi")

        async def forget() -> None:
            path = f"/api/v1{AGENT}/sessions/{conversation_id}/memory"
            assert (await api.call("DELETE", path, by="sonia"))[0] == 200

        stage.dialogue.script.append(Script(says=["a old answer"], during=forget))
        stage.dialogue.script.append(Script(says=["a new answer"]))
        await stage.hears("e agora?")
        await stage.all_turns(conversation_id)
        said = [event["text"] for event in await stage.events(conversation_id) if event["event"] == "bot"]
        assert said == ["Olá!", "a new answer"]
        kinds = [event["event"] for event in await stage.events(conversation_id)]
        assert kinds.index("session_started") < len(kinds) - 3

    @services.sqlite_only
    async def test_who_did_it_stands_in_the_history_and_in_the_audit_log(self, stage: Stage, api: Api) -> None:
        conversation_id = await talk(stage, "oi")
        await api.call("DELETE", f"/api/v1{AGENT}/sessions/{conversation_id}/memory", by="sonia")
        events = await stage.db.read(trackers.events_after, conversation_id, 0)
        started = next(event for event in events if event["event"] == "session_started")
        assert started["metadata"] == {"forgotten_by": "sonia"}
        _, audited = await api.get("/audit", by="chefe")
        assert ("sonia", "forget_session") in [(each["by"], each["action"]) for each in audited["items"]]
        assert NUMBER not in str(audited)
