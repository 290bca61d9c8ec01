"""The dashboard's inbox, and what its buttons do to a conversation."""

from __future__ import annotations

from typing import Any

from conversation.account import Channel
from conversation.conversation import HandoverState
from conversation.people import Presence
from store import accounts, conversations, operators, people
from store.operators import Role
from tests import services
from tests.handover.dashboard.conftest import Dashboard
from tests.house import ANA, BEN, CLARA, OTHER_NUMBER, START, Stage, add_account

NEEDED = ("id", "account", "phone_number", "mode", "status", "unread_count", "created_at", "handover_status")


async def inbox(dash: Dashboard, query: str = "") -> Any:
    status, page = await dash.get(f"/conversations/{query}")
    assert status == 200, page
    return page


async def test_the_inbox_has_those_of_whatsapp_with_what_the_page_can_not_do_without(
    dash: Dashboard, stage: Stage
) -> None:
    conversation_id = await stage.hears("tem pão?")
    page = await inbox(dash, "?page=1&page_size=30")
    assert (page["count"], page["next"], page["previous"]) == (1, None, None)
    (row,) = page["results"]
    assert [name for name in NEEDED if row[name] is None] == []
    assert (row["id"], row["phone_number"], row["mode"], row["status"]) == (conversation_id, ANA, "auto", "open")
    assert (row["last_message_preview"], row["unread_count"]) == ("tem pão?", 1)


async def test_pages_are_turned_until_all_are_shown_and_each_is_shown_once(dash: Dashboard, stage: Stage) -> None:
    for phone in (ANA, BEN, CLARA):
        await stage.hears(phone=phone)
        stage.clock.wind(60)
    seen, asked = [], "?page=1&page_size=2"
    while asked:
        page = await inbox(dash, asked)
        assert page["count"] == 3
        seen += [row["phone_number"] for row in page["results"]]
        asked = page["next"].partition("/conversations/")[2] if page["next"] else ""
    assert seen == [CLARA, BEN, ANA]
    beyond = await inbox(dash, "?page=9&page_size=2")
    assert (beyond["count"], beyond["results"], beyond["next"]) == (3, [], None)


async def test_a_search_finds_by_number_and_words_and_one_letter_is_none_yet(dash: Dashboard, stage: Stage) -> None:
    await stage.hears("onde fica a padaria?", phone=ANA)
    await stage.hears("oi", phone=BEN)
    for search, found in (("PADARIA", [ANA]), ("11977776666", [BEN]), ("nada disso", [])):
        page = await inbox(dash, f"?search={search}&page=1&page_size=30")
        assert [row["phone_number"] for row in page["results"]] == found
    assert (await inbox(dash, "?search=p"))["count"] == 2


@services.sqlite_only
async def test_messenger_is_not_in_the_whatsapp_inbox_and_opens_all_the_same(dash: Dashboard, stage: Stage) -> None:
    account = await stage.db.write(
        lambda tx: add_account(tx, stage.vault, stage.agent, OTHER_NUMBER, channel=Channel.MESSENGER)
    )
    conversation_id = await stage.hears()
    await stage.db.write(conversations.change, conversation_id, account_id=account.id)
    assert (await inbox(dash))["results"] == []
    status, shown = await dash.get(f"/conversations/{conversation_id}/")
    assert (status, shown["account"]) == (200, account.id)


async def test_human_and_bot_buttons_switch_who_answers_and_the_list_agrees(ana: Dashboard, stage: Stage) -> None:
    conversation_id = await stage.hears()
    status, shown = await ana.post(f"/conversations/{conversation_id}/switch_to_human/")
    assert (status, shown["mode"], shown["handover_status"], shown["assigned_to"]) == (200, "human", "human", "ana")
    assert (await stage.conversation(conversation_id)).state is HandoverState.HUMAN
    assert (await inbox(ana))["results"][0]["mode"] == "human"
    for _ in range(2):  # clicked twice
        status, shown = await ana.post(f"/conversations/{conversation_id}/switch_to_auto/")
        assert (status, shown["mode"], shown["handover_status"]) == (200, "auto", "bot")


@services.sqlite_only
async def test_what_a_person_has_already_stays_with_them_and_another_may_not_give_it_back(
    ana: Dashboard, stage: Stage
) -> None:
    conversation_id = await stage.hears()
    await ana.post(f"/conversations/{conversation_id}/switch_to_human/", {})
    status, shown = await ana.by("ben").post(f"/conversations/{conversation_id}/switch_to_human/", {})
    assert (status, shown["mode"], shown["assigned_to"]) == (200, "human", "ana")
    status, refused = await ana.by("ben").post(f"/conversations/{conversation_id}/switch_to_auto/")
    assert (status, refused["error"]["code"]) == (400, "not_owner")
    assert (await stage.conversation(conversation_id)).owner == "ana"


@services.sqlite_only
async def test_it_is_given_to_whoever_is_named(dash: Dashboard, stage: Stage) -> None:
    conversation_id = await stage.hears()
    given = {"agent_id": "ben"}
    status, refused = await dash.post(f"/conversations/{conversation_id}/switch_to_human/", {"agent_id": 77})
    assert (status, refused["error"]["code"]) == (400, "unknown_operator")
    await stage.ownership.set_presence("ben", Presence.ONLINE)
    status, shown = await dash.post(f"/conversations/{conversation_id}/switch_to_human/", given)
    assert (status, shown["mode"], shown["assigned_to"]) == (200, "human", "ben")
    status, shown = await dash.post(f"/conversations/{conversation_id}/assign_agent/", {"agent_id": "chefe"})
    assert (status, shown["assigned_to"]) == (200, "chefe")
    assert (await dash.post(f"/conversations/{conversation_id}/assign_agent/", {}))[0] == 400


async def test_waiting_for_a_person_is_pending_and_whose_it_is_meanwhile_is_the_mode(
    dash: Dashboard, stage: Stage
) -> None:
    conversation_id = await stage.asks_for_a_person()
    _, shown = await dash.get(f"/conversations/{conversation_id}/")
    assert (shown["handover_status"], shown["mode"]) == ("pending", "hybrid")
    await stage.ownership.change_account(stage.account.id, while_pending="silent")
    _, shown = await dash.get(f"/conversations/{conversation_id}/")
    assert (shown["handover_status"], shown["mode"]) == ("pending", "human")


@services.sqlite_only
async def test_where_no_assistant_may_speak_it_is_a_persons(dash: Dashboard, stage: Stage) -> None:
    conversation_id = await stage.hears()
    await dash.post(f"/conversations/{conversation_id}/switch_to_human/")
    await stage.ownership.change_account(stage.account.id, auto_response=False)
    status, shown = await dash.post(f"/conversations/{conversation_id}/switch_to_auto/")
    assert (status, shown["handover_status"], shown["mode"]) == (200, "pending", "human")


@services.sqlite_only
async def test_it_is_resolved_closed_and_opened_again_however_often_the_button_is_pressed(
    ana: Dashboard, stage: Stage
) -> None:
    conversation_id = await stage.hears()
    for button, standing in (("resolve", "resolved"), ("close", "closed"), ("reopen", "open")):
        for _ in range(2):
            status, shown = await ana.post(f"/conversations/{conversation_id}/{button}/")
            assert (status, shown["status"]) == (200, standing)


@services.sqlite_only
async def test_what_is_read_is_unread_no_more(ana: Dashboard, stage: Stage) -> None:
    conversation_id = await stage.hears()
    for _ in range(2):
        status, shown = await ana.post(f"/conversations/{conversation_id}/mark_as_read/")
        assert (status, shown["unread_count"]) == (200, 0)
    assert (await stage.conversation(conversation_id)).unread == 0


async def test_messages_come_the_oldest_first_and_older_ones_when_they_are_asked_for(
    ana: Dashboard, stage: Stage
) -> None:
    for number in range(5):
        conversation_id = await stage.hears(f"linha {number}")
    status, page = await ana.get(f"/conversations/{conversation_id}/messages/?limit=2")
    assert status == 200
    assert [each["text_body"] for each in page["results"]] == ["linha 3", "linha 4"]
    assert page["has_more"] and page["next_before_id"] == page["results"][0]["id"]
    older = f"/conversations/{conversation_id}/messages/?limit=3&before_id={page['next_before_id']}"
    _, page = await ana.get(older)
    assert [each["text_body"] for each in page["results"]] == ["linha 0", "linha 1", "linha 2"]
    assert (page["has_more"], page["next_before_id"]) == (False, None)
    first = page["results"][0]
    assert (first["direction"], first["message_type"], first["status"]) == ("inbound", "text", "received")
    assert (first["from_number"], first["conversation_id"]) == (ANA, conversation_id)
    assert first["created_at"] and isinstance(first["id"], str)


@services.sqlite_only
async def test_who_said_what_is_told_of_each_message(ana: Dashboard, stage: Stage) -> None:
    conversation_id = await stage.hears("oi")
    await stage.all_turns(conversation_id)
    await stage.ownership.reply(conversation_id, "Aqui é gente.", by="ana")
    _, page = await ana.get(f"/conversations/{conversation_id}/messages/")
    heard, bots, hers = page["results"]
    assert [each["processed_by_agent"] for each in (heard, bots, hers)] == [True, True, False]
    assert [each["metadata"]["author"] for each in (heard, bots, hers)] == ["contact", "bot", "operator"]
    assert (heard["from_number"], bots["to_number"]) == (ANA, ANA)
    await stage.hears("ainda aí?")
    await stage.all_turns(conversation_id)
    _, page = await ana.get(f"/conversations/{conversation_id}/messages/")
    assert page["results"][-1]["processed_by_agent"] is False


@services.sqlite_only
async def test_notes_are_a_bare_list_the_newest_first(ana: Dashboard, stage: Stage) -> None:
    conversation_id = await stage.hears()
    for text in ("primeira", "segunda"):
        status, note = await ana.post(f"/conversations/{conversation_id}/add_note/", {"content": text})
        assert (status, note["content"], note["author_name"]) == (201, text, "ana")
    status, found = await ana.get(f"/conversations/{conversation_id}/notes/")
    assert (status, [note["content"] for note in found]) == (200, ["segunda", "primeira"])
    status, refused = await ana.post(f"/conversations/{conversation_id}/add_note/", {"content": " "})
    assert (status, refused["error"]["code"]) == (400, "bad_input")


@services.sqlite_only
async def test_a_tag_is_put_on_and_taken_off(ana: Dashboard, stage: Stage) -> None:
    conversation_id = await stage.hears()
    _, shown = await ana.post(f"/conversations/{conversation_id}/add_tag/", {"tag": "Bolo"})
    assert shown["tags"] == ["bolo"]
    _, shown = await ana.post(f"/conversations/{conversation_id}/remove_tag/", {"tag": "bolo"})
    assert shown["tags"] == []


async def test_stats_count_an_accounts_conversations(ana: Dashboard, stage: Stage) -> None:
    first = await stage.hears(phone=ANA)
    await stage.hears(phone=BEN)
    await ana.post(f"/conversations/{first}/switch_to_human/")
    status, found = await ana.get(f"/conversations/stats/?account_id={stage.account.id}")
    assert (status, found["total"]) == (200, 2)
    assert (found["by_status"], found["by_mode"]) == ({"open": 2}, {"human": 1, "auto": 1})


@services.sqlite_only
async def test_what_was_said_on_an_account_that_was_removed_can_still_be_read(ana: Dashboard, stage: Stage) -> None:
    conversation_id = await stage.hears("guarde isto")
    await stage.db.write(accounts.remove, stage.account.id, stage.clock.now())
    assert (await inbox(ana))["results"][0]["id"] == conversation_id
    assert (await ana.get("/conversations/universal/"))[1]["count"] == 1
    _, page = await ana.get(f"/conversations/{conversation_id}/messages/")
    assert [each["text_body"] for each in page["results"]] == ["guarde isto"]


@services.sqlite_only
async def test_what_is_anothers_is_not_there(ana: Dashboard, stage: Stage) -> None:
    conversation_id = await stage.hears()
    token = await stage.db.write(operators.add, "zoe", Role.OPERATOR, START)
    await stage.db.write(people.set_accounts, "zoe", [])
    zoe = ana.by(token)
    assert (await inbox(zoe))["results"] == []
    assert (await zoe.get("/conversations/universal/"))[1]["results"] == []
    for path in ("", "messages/", "notes/"):
        assert (await zoe.get(f"/conversations/{conversation_id}/{path}"))[0] == 404
    bodies = {"add_note": {"content": "x"}, "add_tag": {"tag": "x"}, "remove_tag": {"tag": "x"}}
    for button in ("switch_to_human", "switch_to_auto", "resolve", "close", "reopen", "mark_as_read", *bodies):
        assert (await zoe.post(f"/conversations/{conversation_id}/{button}/", bodies.get(button)))[0] == 404, button
    assert (await stage.conversation(conversation_id)).state is HandoverState.BOT


async def test_whoever_spoke_last_comes_first(stage: Stage, dash: Dashboard) -> None:
    first = await stage.hears("oi", phone=ANA)
    stage.clock.wind(1)
    second = await stage.hears("olá", phone=BEN)
    for path in ("/conversations/?page=1&page_size=30", "/conversations/universal/"):
        _, listed = await dash.get(path)
        assert [each.get("source_conversation_id", each["id"]) for each in listed["results"]] == [second, first], path
    stage.clock.wind(1)
    await stage.ownership.reply(first, "já vamos", by="ana")
    for path in ("/conversations/?page=1&page_size=1", "/conversations/universal/"):
        _, listed = await dash.get(path)
        assert listed["results"][0].get("source_conversation_id", listed["results"][0]["id"]) == first, path
