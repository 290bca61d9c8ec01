"""Two contacts put together by hand, and old ids at the API's doors."""

from __future__ import annotations

from typing import Any

import pytest

from conversation.errors import NotFound
from handover import renamed
from store import audit, former_ids, merging
from tests import services
from tests.handover.conftest import Api
from tests.house import ANA, BEN, CLARA, OTHER_NUMBER, START, Stage, add_account

pytestmark = services.sqlite_only


@pytest.fixture
async def two(stage: Stage) -> list[Any]:
    """Conversations with one customer who has two numbers: the older first."""
    found = []
    for phone in (ANA, BEN):
        found.append(await stage.conversation(await stage.hears(f"oi de {phone}", phone=phone)))
        stage.clock.wind(60)
    return found


async def test_a_supervisor_merges_two_who_are_one_and_it_is_written_down(
    api: Api, stage: Stage, two: list[Any]
) -> None:
    (older, newer), body = two, {"with": two[0].contact_id}
    path = f"/contacts/{newer.contact_id}/merge"
    assert (await api.post(path, body=body, by="ana"))[0] == 403
    status, merged = await api.post(path, body=body, by="sonia")
    assert (status, merged["id"], merged["conversation_id"]) == (200, older.contact_id, older.id)
    assert [each["value"] for each in merged["addresses"]] == sorted([ANA, BEN])
    assert (await api.post(path, body=body, by="sonia"))[0] == 400  # they are one by now
    (entry,) = [e for e in await stage.db.read(audit.latest, limit=9) if e.action == "merge_contacts"]
    assert (entry.by, entry.facts["contact_was"]) == ("sonia", newer.contact_id)
    _, log = await api.get(f"/conversations/{older.id}/log")
    assert (log["items"][-1]["command"], log["items"][-1]["by"]) == ("merge", "sonia")


async def test_contacts_of_two_accounts_are_two(api: Api, stage: Stage, two: list[Any]) -> None:
    await stage.db.write(add_account, stage.vault, stage.agent, OTHER_NUMBER)
    elsewhere = await stage.conversation(await stage.hears(phone=CLARA, account=OTHER_NUMBER))
    path = f"/contacts/{two[0].contact_id}/merge"
    assert (await api.post(path, body={"with": elsewhere.contact_id}, by="sonia"))[0] == 409
    assert (await api.post(path, body={"with": "con_nobody"}, by="sonia"))[0] == 404


async def test_whoever_has_an_old_id_is_answered_about_the_one_there_is(api: Api, stage: Stage, two: list[Any]) -> None:
    older, newer = two
    await stage.db.write(merging.merge, older.contact_id, newer.contact_id, by="sonia", now=START)
    _, shown = await api.get(f"/conversations/{newer.id}")
    assert shown["id"] == older.id
    _, messages = await api.get(f"/conversations/{newer.id}/messages")
    assert [each["text"] for each in messages["items"]] == [f"oi de {ANA}", f"oi de {BEN}"]
    assert (await api.get(f"/contacts/{newer.contact_id}"))[1]["id"] == older.contact_id
    status, _ = await api.post(f"/conversations/{newer.id}/notes", body={"text": "tem dois números"})
    assert status in (200, 201)
    assert (await api.get(f"/conversations/{older.id}/notes"))[1]["items"][0]["text"] == "tem dois números"
    status, replied = await api.post(f"/conversations/{newer.id}/reply", body={"text": "Olá!"})
    assert (status, replied["id"]) == (200, older.id)
    (reply,) = [each for each in await stage.db.read(audit.entries) if each.action == "reply"]
    assert reply.salt_of == older.contact_id and await stage.db.read(audit.says, reply, '{"text":"Olá!"}')


async def test_what_was_sent_under_a_key_is_sent_once_though_the_conversation_became_another_since(
    api: Api, stage: Stage, two: list[Any]
) -> None:
    older, newer = two
    path, body = f"/conversations/{newer.id}/reply", {"text": "Olá!"}
    _, sent = await api.post(path, body=body, key="k1")
    await stage.db.write(merging.merge, older.contact_id, newer.contact_id, by="sonia", now=START)
    status, again = await api.post(path, body=body, key="k1")
    assert (status, again["id"], again["messages"]) == (200, older.id, sent["messages"])
    assert len([row for row in await stage.outbox() if row.author == "operator"]) == 1


async def test_what_becomes_another_while_it_is_asked_about_is_asked_about_again(stage: Stage, two: list[Any]) -> None:
    older, newer = two
    asked = []

    async def handler(conversation_id: str) -> str:
        asked.append(conversation_id)
        if len(asked) == 1:
            await stage.db.write(merging.merge, older.contact_id, newer.contact_id, by="system", now=START)
            raise NotFound("gone")
        return conversation_id

    assert await renamed.answered(stage.db, handler, {"conversation_id": newer.id}) == older.id
    assert asked == [newer.id, older.id]
    assert await stage.db.read(former_ids.resolved, newer.contact_id) == older.contact_id


async def test_somebody_is_found_by_either_way_to_write_their_number(api: Api, stage: Stage) -> None:
    contact = (await stage.conversation(await stage.hears(phone="551188887777"))).contact_id
    for asked in ("/contacts?text=%2B55 11 98888-7777", "/conversations?search=5511988887777"):
        _, page = await api.get(asked)
        assert len(page["items"]) == 1
    assert (await api.get("/conversations?address=%2B5511988887777"))[1]["items"][0]["contact"]["id"] == contact
