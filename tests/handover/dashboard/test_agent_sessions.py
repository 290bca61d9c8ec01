"""What an assistant's talks came to, as the pages of agents show them."""

from __future__ import annotations

from datetime import datetime

from store import operators, people, trackers
from store.operators import Role
from tests import services
from tests.handover.dashboard.conftest import Dashboard
from tests.handover.test_agents import slot, talk
from tests.house import ANA, BEN, OTHER_NUMBER, START, Stage, add_account


async def test_the_talks_of_one_are_listed_with_what_was_said(stage: Stage, ana: Dashboard) -> None:
    first = await talk(stage, "oi", "tem lasanha?", events=[slot("size", "G")])
    await stage.ownership.reply(first, "Tem!", by="ana")
    await stage.all_turns(first)
    stage.clock.wind(60)
    second = await talk(stage, "olá", phone=BEN)
    path = f"/agents/agents/{stage.agent.id}/conversations/"
    status, page = await ana.get(path)
    assert (status, page["count"], page["next"]) == (200, 2, None)
    latest, shown = page["results"]
    assert (latest["id"], shown["id"], shown["session_id"], shown["phone_number"]) == (second, first, first, ANA)
    assert shown["message_count"] == 5
    assert [(each["role"], each["content"]) for each in shown["messages"]][:2] == [
        ("user", "oi"),
        ("assistant", "Olá!"),
    ]
    assert (shown["messages"][-1]["role"], shown["messages"][-1]["operator"]) == ("assistant", "ana")
    moments = [shown["created_at"], shown["last_message_at"], *(each["created_at"] for each in shown["messages"])]
    assert all(datetime.fromisoformat(each).tzinfo for each in moments)
    assert len({each["id"] for each in shown["messages"]}) == 5
    _, one = await ana.get(path + "?page_size=1")
    assert ([each["id"] for each in one["results"]], one["count"]) == ([second], 2)
    _, rest = await ana.get(one["next"].removeprefix("/api/v1"))
    assert ([each["id"] for each in rest["results"]], rest["next"]) == ([first], None)
    _, stats = await ana.get(f"/agents/{stage.agent.id}/stats/")
    assert (stats["total_conversations"], stats["total_messages"]) == (2, 3)


async def test_one_is_shown_with_its_history_and_forgotten(stage: Stage, dash: Dashboard) -> None:
    conversation_id = await talk(stage, "oi", "e agora?")
    path = f"/agents/conversations/{conversation_id}/"
    status, shown = await dash.get(path)
    assert (status, shown["message_count"], shown["memory_cleared_at"]) == (200, 4, None)
    _, history = await dash.get(path + "history/")
    assert history == shown["messages"], "a bare list"
    _, before = await dash.get(f"{path}history/?before={history[2]['id']}")
    assert before == history[:2]
    assert (await dash.by("ana").post(path + "clear_memory/"))[0] == 400
    status, cleared = await dash.by("sonia").post(path + "clear_memory/")
    assert (status, cleared) == (200, {"success": True})
    _, after = await dash.get(path)
    assert (after["messages"], after["message_count"], after["memory_cleared_at"] is not None) == ([], 0, True)
    assert (await dash.get(path + "history/"))[1] == history, "what was said is kept"


@services.sqlite_only
async def test_a_talk_that_is_not_theirs_or_that_no_assistant_has_heard_of_is_not_there(
    stage: Stage, dash: Dashboard
) -> None:
    conversation_id, unheard = await talk(stage, "oi"), await stage.hears(phone=BEN)
    other = await stage.db.write(lambda tx: add_account(tx, stage.vault, stage.agent, OTHER_NUMBER))
    dash.api.tokens["lia"] = await stage.db.write(operators.add, "lia", Role.SUPERVISOR, START)
    await stage.db.write(people.set_accounts, "lia", [other.id])
    lia = dash.by("lia")
    assert (await lia.get(f"/agents/{stage.agent.id}/conversations/"))[1]["count"] == 0
    for path in (f"/agents/conversations/{conversation_id}/", f"/agents/conversations/{conversation_id}/history/"):
        assert (await lia.get(path))[0] == 404
        assert (await dash.get(path))[0] == 200
        assert (await dash.get(path.replace(conversation_id, unheard)))[0] == 404
    at = await stage.db.read(trackers.position, conversation_id)
    assert (await lia.post(f"/agents/conversations/{conversation_id}/clear_memory/"))[0] == 404
    assert await stage.db.read(trackers.position, conversation_id) == at
