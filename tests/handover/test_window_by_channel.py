"""Outside the window of Messenger and Instagram: a person may write for a week, nobody else, and the rule is told."""

from __future__ import annotations

import pytest

from conversation import window
from conversation.account import Channel
from conversation.channel_settings import ChannelSettings
from conversation.conversation import ConversationId
from conversation.message import Author, MessageStatus
from runtime.settings import RuntimeSettings
from store.database import Database
from store.vault import Vault
from tests import services
from tests.handover.conftest import Api
from tests.house import HOLDER, ScriptedDialogue, Stage, WoundClock, set_up

pytestmark = services.sqlite_only

DAY_S, WEEK_S = window.OPEN_FOR.total_seconds(), window.HUMAN_FOR.total_seconds()


@pytest.fixture(params=[Channel.MESSENGER, Channel.INSTAGRAM], ids=lambda channel: str(channel.value))
def channel(request: pytest.FixtureRequest) -> Channel:
    return Channel(request.param)


@pytest.fixture
def granted() -> bool:
    """Whether Meta lets people write for longer: the Human Agent feature."""
    return True


@pytest.fixture
def stage(
    db: Database, clock: WoundClock, vault: Vault, settings: RuntimeSettings, channel: Channel, granted: bool
) -> Stage:
    account, agent = set_up(db, vault, clock, channel, channel_settings=ChannelSettings(human_agent=granted))
    return Stage(
        db=db, clock=clock, vault=vault, settings=settings, account=account, agent=agent, holder=HOLDER,
        dialogue=ScriptedDialogue(db),
    )  # fmt: skip


async def reply(api: Api, conversation_id: ConversationId) -> tuple[int, dict[str, object]]:
    status, body = await api.post(f"/conversations/{conversation_id}/reply", body={"text": "Ainda quer?"})
    return status, body.get("error", {})


async def test_a_person_is_let_write_and_the_channel_is_told_that_it_is_one(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    stage.clock.wind(DAY_S)
    status, _ = await reply(api, conversation_id)
    assert status == 200
    async with stage.delivering():
        await stage.sent(1)
    (sent,) = stage.channel.sent
    assert (sent.author, sent.window_open, sent.human_agent) == (Author.OPERATOR, False, True)


async def test_until_when_is_shown(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    stage.clock.wind(DAY_S)
    _, shown = await api.get(f"/conversations/{conversation_id}/context")
    assert not shown["window"]["open"] and shown["window"]["human_until"] == "2026-03-09T12:00:00.000+00:00"
    stage.clock.wind(WEEK_S - DAY_S)
    _, shown = await api.get(f"/conversations/{conversation_id}/context")
    assert "human_until" not in shown["window"]


async def test_a_reply_that_has_waited_too_long_is_no_persons_any_more(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    stage.clock.wind(WEEK_S - 1)
    assert (await reply(api, conversation_id))[0] == 200
    stage.clock.wind(2)
    async with stage.delivering():
        await stage.sent(1)
    (sent,) = stage.channel.sent
    assert not sent.human_agent and not sent.window_open


async def test_after_a_week_it_is_refused_by_the_channels_own_rule(stage: Stage, api: Api, channel: Channel) -> None:
    api.language = None  # Portuguese, where nobody says otherwise
    conversation_id = await stage.hears()
    stage.clock.wind(WEEK_S)
    rule = window.rule(channel)
    status, error = await reply(api, conversation_id)
    assert (status, error["code"], error["may_send"]) == (409, "window_closed", list(rule.may_send))
    assert (error["message"], error["rule"]) == (rule.words["pt"], rule.name)
    assert await stage.outbox() == []


@pytest.mark.parametrize("granted", [False])
async def test_where_meta_has_not_granted_it_a_day_is_all_there_is(stage: Stage, api: Api) -> None:
    conversation_id = await stage.hears()
    stage.clock.wind(DAY_S)
    status, error = await reply(api, conversation_id)
    assert (status, error["code"]) == (409, "window_closed")


async def test_what_the_rules_would_have_said_is_withheld_all_the_same(stage: Stage) -> None:
    await stage.hands_over(announce_return="message", auto_return_s=0, silence_s=0)
    conversation_id = await stage.hears()
    await stage.ownership.reply(conversation_id, "sou a Ana", by="ana")
    stage.clock.wind(DAY_S)
    await stage.ownership.release(conversation_id, by="ana")
    (goodbye,) = [m for m in await stage.messages(conversation_id) if m.author is Author.SYSTEM]
    assert (goodbye.status, goodbye.error) == (MessageStatus.WITHDRAWN, "standard_messaging_window")
