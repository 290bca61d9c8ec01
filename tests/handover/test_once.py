"""A send under an Idempotency-Key is sent once, however often and however quickly it is asked for."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from conversation import window
from store import tables
from tests import services
from tests.handover.conftest import Api
from tests.house import Stage


async def send(api: Api, conversation_id: str, text: str = "oi", *, key: str | None = "k-1", **how: Any) -> Any:
    path = f"/api/v1/conversations/{conversation_id}/messages"
    return await api.call("POST", path, body={"text": text}, key=key, **how)


async def test_asked_again_it_answers_the_same_and_sends_nothing(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    first = await send(api, conversation_id)
    await stage.ownership.release(conversation_id, by="ana")
    assert await send(api, conversation_id) == first and first[0] == 200
    assert len(await stage.outbox()) == 1
    assert (await stage.conversation(conversation_id)).owner is None, "nothing was taken either"
    done = [row.action for row in await stage.rows(tables.audit)]
    assert done.count("send_message") == 1, "what was not done again is not written down as done"


async def test_of_two_at_once_one_is_sent_and_both_are_told_of_it(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    answers = await asyncio.gather(*(send(api, conversation_id) for _ in range(5)))
    assert {status for status, _ in answers} == {200}
    assert len({tuple(answer["messages"]) for _, answer in answers}) == 1 and len(await stage.outbox()) == 1


async def test_without_an_answer_after_the_commit_asking_again_does_no_harm(
    stage: Stage, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation_id = await stage.hears()

    async def lost(*given: Any, **whose: Any) -> int:
        raise OSError("the process ended here")

    with monkeypatch.context() as broken:
        broken.setattr(stage.ownership, "_settled", lost)
        assert (await send(api, conversation_id))[0] == 500
    assert len(await stage.outbox()) == 1
    status, done = await send(api, conversation_id)
    assert (status, done["owner"]) == (200, "ana") and len(await stage.outbox()) == 1


@services.sqlite_only
async def test_a_key_stands_for_one_request_of_one_operator(stage: Stage, api: Api) -> None:
    conversation_id, other = await stage.hears(), await stage.hears(phone="5511955554444")
    await send(api, conversation_id)
    reply = f"/api/v1/conversations/{conversation_id}/reply"
    again = await api.call("POST", reply, body={"text": "oi"}, key="k-1")
    for status, refused in (await send(api, conversation_id, "outra"), await send(api, other), again):
        assert (status, refused["error"]["code"]) == (409, "idempotency_key_reused")
    assert len(await stage.outbox()) == 1
    assert (await send(api, other, by="ben"))[0] == 200


@services.sqlite_only
async def test_a_reply_heeds_it_too_and_without_one_each_is_sent(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    path = f"/api/v1/conversations/{conversation_id}/reply"
    answers = [await api.call("POST", path, body={"text": "oi"}, key="k") for _ in range(2)]
    assert answers[0] == answers[1] and len(await stage.outbox()) == 1
    await send(api, conversation_id, key=None)
    await send(api, conversation_id, key=None)
    assert len(await stage.outbox()) == 3


@services.sqlite_only
async def test_what_was_refused_may_be_asked_for_again_under_the_same_key(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    stage.clock.wind(window.OPEN_FOR.total_seconds())
    assert (await send(api, conversation_id))[0] == 409
    await stage.hears("ainda aí?")
    assert (await send(api, conversation_id))[0] == 200


@services.sqlite_only
@pytest.mark.parametrize("key", ["", "a b", "é", "x" * 121])
async def test_what_is_no_key_is_refused(stage: Stage, api: Api, key: str) -> None:
    conversation_id = await stage.hears()
    status, refused = await send(api, conversation_id, key=key)
    assert (status, refused["error"]["code"]) == (400, "bad_input") and not await stage.outbox()
