"""Fetching the past, by the API: who may begin it, how it is followed, how it is stopped."""

from __future__ import annotations

from typing import Any

import pytest

from conversation.sync import SyncKind
from runtime.channel import WayOut
from store import syncs, tables
from tests.handover.conftest import Api
from tests.house import NUMBER, FakeChannel, Stage
from tests.runtime.remembering import PAGE, RITA, Remembering, wrote

PATH = f"/accounts/{PAGE}/sync"


@pytest.fixture
def shop(api: Api, stage: Stage) -> Remembering:
    made = Remembering(stage)
    made.memory.talks = {RITA: [wrote(RITA, "m_1", "oi", made.ago(days=1))]}
    api.house.ways_out = {**made.ways_out, "whatsapp": WayOut(channel=FakeChannel())}
    return made


async def test_it_is_begun_followed_and_ends(api: Api, shop: Remembering) -> None:
    status, begun = await api.post(PATH, by="chefe")
    assert (status, begun["state"], begun["asked_by"]) == (200, "waiting", "chefe")
    await shop.sync()
    status, shown = await api.get(PATH)
    facts: dict[str, Any] = {"state": "done", "conversations_seen": 1, "messages_added": 1, "error": None, "gap": None}
    assert status == 200 and facts.items() <= shown.items() and shown["id"] == begun["id"]


async def test_the_latest_gap_is_shown_beside_it(api: Api, shop: Remembering) -> None:
    since = shop.ago(hours=3)
    gap: dict[str, Any] = {"by": "catch-up", "now": shop.clock.now(), "since": since}
    await shop.db.write(syncs.ask, shop.account.id, SyncKind.GAP, **gap)
    _, shown = await api.get(PATH)
    assert shown["state"] is None
    assert (shown["gap"]["kind"], shown["gap"]["since"]) == ("gap", since.isoformat(timespec="milliseconds"))


async def test_it_is_stopped(api: Api, shop: Remembering) -> None:
    await api.post(PATH, by="chefe")
    status, stopped = await api.call("DELETE", "/api/v1" + PATH, by="chefe")
    assert (status, stopped["state"]) == (200, "stopped")
    await shop.sync()
    assert (await api.get(PATH))[1]["conversations_seen"] == 0
    status, again = await api.post(PATH, by="chefe")
    assert status == 200 and again["id"] != stopped["id"]


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_only_an_admin_begins_and_stops_it(api: Api, shop: Remembering, method: str) -> None:
    for by in ("ana", "sonia"):
        assert (await api.call(method, "/api/v1" + PATH, by=by))[0] == 403
    assert await shop.db.read(syncs.latest, shop.account.id, SyncKind.PAST) is None


async def test_whatsapp_remembers_nothing(api: Api, shop: Remembering) -> None:
    status, answer = await api.post(f"/accounts/{NUMBER}/sync", by="chefe")
    assert (status, answer["error"]["code"]) == (409, "no_past")


async def test_what_was_never_begun_cant_be_stopped(api: Api, shop: Remembering) -> None:
    status, answer = await api.call("DELETE", "/api/v1" + PATH, by="chefe")
    assert (status, answer["error"]["code"]) == (409, "no_sync")


async def test_the_past_is_read_page_by_page(api: Api, shop: Remembering) -> None:
    shop.memory.talks = {RITA: [wrote(RITA, f"m_{n}", f"{n}", shop.ago(days=9 - n)) for n in range(5)]}
    await api.post(PATH, by="chefe")
    await shop.sync()
    path = f"/conversations/{await shop.conversation_of(RITA)}/messages?limit=2"
    read: list[Any] = (await api.get(f"{path}&before=1"))[1]["items"]
    while found := (await api.get(f"{path}&before={read[0]['id']}"))[1]["items"]:
        read = [*found, *read]
    assert [each["text"] for each in read] == ["0", "1", "2", "3", "4"]
    assert (await api.get(f"{path}&after={read[2]['id']}"))[1]["items"] == read[3:]
    assert (await api.get(f"{path}&before=-x"))[0] == 400


async def test_a_conversation_says_who_its_contact_is(api: Api, shop: Remembering) -> None:
    await shop.accept(wrote(RITA, "m_2", "oi", shop.clock.now()))
    conversation_id = await shop.conversation_of(RITA)
    _, before = await api.get(f"/conversations/{conversation_id}")
    assert (before["contact"]["username"], before["contact"]["picture"]) == (None, None)
    contact = tables.contacts.update().values(username="ritinha", picture_id=7)
    await shop.db.write(lambda tx: tx.execute(contact) and None)
    _, after = await api.get(f"/conversations/{conversation_id}")
    assert (after["contact"]["username"], after["contact"]["picture"]) == ("ritinha", "/api/v1/media/7")
