"""Signs to the customer: that their person writes, or has read. From the owner alone, and never late."""

from __future__ import annotations

from tests import services
from tests.handover.conftest import Api
from tests.house import Stage, eventually

pytestmark = services.sqlite_only


async def sign(api: Api, conversation_id: str, word: str, *, by: str = "ana", **body: object) -> tuple[int, object]:
    status, answer = await api.post(f"/conversations/{conversation_id}/{word}", by=by, body=body)
    return status, answer["error"]["code"] if status != 200 else answer["asked"]


async def states(stage: Stage) -> list[tuple[str, bool]]:
    return [(row.state, row.body["typing"]) for row in await stage.outbox("signal")]


async def test_the_owner_is_seen_to_write_and_to_have_read(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears(provider_id="m1")
    await api.post(f"/conversations/{conversation_id}/take")
    assert await sign(api, conversation_id, "seen") == (200, True)
    async with stage.delivering():
        await eventually(lambda: stage.channel.started, "the receipt")
        assert await sign(api, conversation_id, "typing") == (200, True)
        await eventually(lambda: len(stage.channel.started) == 2, "the sign")
    assert [each.body for each in stage.channel.started] == [
        {"seen": "m1", "typing": False},
        {"seen": "m1", "typing": True},
    ]


async def test_who_has_it_not_gives_none(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    assert await sign(api, conversation_id, "typing") == (409, "take_first")
    await api.post(f"/conversations/{conversation_id}/take")
    assert await sign(api, conversation_id, "typing", by="ben") == (409, "not_owner")
    assert await sign(api, conversation_id, "seen", by="ben") == (409, "not_owner")
    assert not await states(stage)


async def test_a_sign_is_taken_back_by_stopping_and_by_the_message(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    await api.post(f"/conversations/{conversation_id}/take")
    await sign(api, conversation_id, "typing")
    assert await sign(api, conversation_id, "typing", on=False) == (200, False)
    await sign(api, conversation_id, "typing")
    await api.post(f"/conversations/{conversation_id}/reply", body={"text": "oi"})
    assert await states(stage) == [("withdrawn", True), ("withdrawn", True)]


async def test_a_late_sign_does_not_leave_nor_one_of_who_has_given_it_back(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    await api.post(f"/conversations/{conversation_id}/take")
    await sign(api, conversation_id, "typing")
    stage.clock.wind(11)
    async with stage.delivering():

        async def settled(*wanted: str) -> bool:
            return [state for state, _ in await states(stage)] == [*wanted]

        await eventually(lambda: settled("expired"), "its end")
    await sign(api, conversation_id, "typing")
    await api.post(f"/conversations/{conversation_id}/release")
    async with stage.delivering():
        await eventually(lambda: settled("expired", "withdrawn"), "its end")
    assert not stage.channel.started


async def test_a_channel_without_signs_says_so(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    await api.post(f"/conversations/{conversation_id}/take")
    stage.channel.has_signs = False
    assert await sign(api, conversation_id, "typing") == (409, "not_on_this_channel")
