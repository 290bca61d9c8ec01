"""A comment answered in private: once, for a week, without a window; who answers has the conversation."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from conversation import private_reply
from conversation.account import Channel
from conversation.arrivals import COMMENT
from conversation.conversation import ConversationId
from conversation.errors import SendError
from runtime.settings import RuntimeSettings
from store.database import Database
from store.vault import Vault
from tests import services
from tests.handover.conftest import Api
from tests.house import HOLDER, ScriptedDialogue, Stage, WoundClock, eventually, set_up

POST = "17900000000000001"


@pytest.fixture
def stage(db: Database, clock: WoundClock, vault: Vault, settings: RuntimeSettings) -> Stage:
    account, agent = set_up(db, vault, clock, Channel.INSTAGRAM)
    return Stage(
        db=db, clock=clock, vault=vault, settings=settings, account=account, agent=agent, holder=HOLDER,
        dialogue=ScriptedDialogue(db),
    )  # fmt: skip


@pytest.fixture
async def comment(stage: Stage, api: Api) -> tuple[ConversationId, int]:
    """Of somebody who never wrote to the shop: the conversation, and the comment's number."""
    conversation_id = await stage.hears("quanto custa?", kind=COMMENT, provider_id=POST, opens_window=False)
    return conversation_id, (await stage.messages(conversation_id))[0].id


async def reply(api: Api, comment: tuple[ConversationId, int], text: str = "R$ 40.", **given: Any) -> tuple[int, Any]:
    conversation_id, message_id = comment
    body = {"text": text, "comment": message_id, **given}
    return await api.post(f"/conversations/{conversation_id}/reply", body=body)


async def shown(api: Api, comment: tuple[ConversationId, int]) -> Any:
    _, found = await api.get(f"/conversations/{comment[0]}/messages")
    return next(each for each in found["items"] if each["id"] == comment[1])["private_reply"]


async def test_it_goes_to_the_comment_and_takes_the_conversation(
    stage: Stage, api: Api, comment: tuple[ConversationId, int]
) -> None:
    until = (stage.clock.now() + private_reply.FOR).isoformat(timespec="milliseconds")
    assert await shown(api, comment) == {"until": until, "answered": False}
    status, done = await reply(api, comment)
    assert (status, done["state"], done["owner"]) == (200, "human", "ana")
    async with stage.delivering():
        await stage.sent(1)
    (sent,) = stage.channel.sent
    assert sent.body["recipient"] == {"comment_id": POST} and sent.body["text"].endswith("R$ 40.")
    assert not sent.window_open
    assert await shown(api, comment) == {"until": until, "answered": True}


async def test_of_two_who_answer_it_at_once_one_does(
    stage: Stage, api: Api, comment: tuple[ConversationId, int]
) -> None:
    answers = await asyncio.gather(reply(api, comment), reply(api, comment))
    assert sorted(status for status, _ in answers) == [200, 409]
    (refused,) = [answer["error"]["code"] for status, answer in answers if status == 409]
    assert refused == "comment_answered" and len(await stage.outbox()) == 1


@services.sqlite_only
async def test_one_that_meta_refused_may_be_tried_again(
    stage: Stage, api: Api, comment: tuple[ConversationId, int]
) -> None:
    stage.channel.answers.append(SendError("no", error_code=100))
    await reply(api, comment)
    async with stage.delivering():
        await eventually(lambda: statuses(stage, comment[0], "failed"), "a refusal")
    assert (await reply(api, comment))[0] == 200


async def statuses(stage: Stage, conversation_id: ConversationId, status: str) -> bool:
    return any(message.status.value == status for message in await stage.messages(conversation_id))


@services.sqlite_only
async def test_after_a_week_it_is_refused_by_the_rules_name(
    stage: Stage, api: Api, comment: tuple[ConversationId, int]
) -> None:
    stage.clock.wind(private_reply.FOR.total_seconds())
    status, answer = await reply(api, comment)
    assert (status, answer["error"]["code"]) == (409, "comment_too_old")
    assert "private_replies" in answer["error"]["message"]
    assert (await stage.conversation(comment[0])).state.value == "bot", "nothing was taken"


@services.sqlite_only
async def test_a_moment_before_it_is_sent(stage: Stage, api: Api, comment: tuple[ConversationId, int]) -> None:
    stage.clock.wind(private_reply.FOR.total_seconds() - 1)
    assert (await reply(api, comment))[0] == 200


@services.sqlite_only
async def test_without_the_comment_the_window_is_shut(
    stage: Stage, api: Api, comment: tuple[ConversationId, int]
) -> None:
    status, answer = await api.post(f"/conversations/{comment[0]}/reply", body={"text": "R$ 40."})
    assert (status, answer["error"]["code"]) == (409, "window_closed")


@services.sqlite_only
async def test_a_text_that_takes_two_messages_is_not_sent_by_halves(
    stage: Stage, api: Api, comment: tuple[ConversationId, int]
) -> None:
    render = stage.channel.render
    stage.channel.render = lambda *given: render(*given) * 2  # type: ignore[method-assign]
    status, answer = await reply(api, comment)
    assert (status, answer["error"]["code"]) == (400, "bad_input") and "too long" in answer["error"]["message"]
    assert await stage.outbox() == []


@services.sqlite_only
async def test_only_a_comment_of_this_conversation_is_answered_so(
    stage: Stage, api: Api, comment: tuple[ConversationId, int]
) -> None:
    other = await stage.hears(phone="5511955554444")
    said = (await stage.messages(other))[0].id
    assert (await reply(api, (comment[0], said)))[0] == 404
    status, answer = await reply(api, (other, said))
    assert (status, answer["error"]["code"]) == (400, "bad_input")
    assert (await reply(api, comment, media=[1]))[0] == 400
    assert await stage.outbox() == []
