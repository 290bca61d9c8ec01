"""The platform's pace holds at the claim: per number, per contact, in order, and over several processes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from conversation.channel_settings import ChannelSettings
from conversation.conversation import ConversationId, HandoverState
from conversation.course import Course
from conversation.errors import SendError
from conversation.message import MessageStatus
from runtime import pacing
from runtime.settings import RuntimeSettings
from store import accounts, outbox
from store.leases import Holder
from tests import services
from tests.house import ANA, BEN, CLARA, Script, Stage, due_rows, eventually


@pytest.fixture
def settings() -> RuntimeSettings:
    return RuntimeSettings(typing_after_s=30)


async def paced(stage: Stage, **settings: Any) -> None:
    facts = ChannelSettings(**settings)
    await stage.db.write(accounts.change, stage.vault, stage.account.id, channel_settings=facts)


async def says(stage: Stage, *texts: str, phone: str = ANA) -> ConversationId:
    stage.channel.has_signs = False
    stage.dialogue.script.append(Script(says=texts))
    conversation_id = await stage.hears(phone=phone)
    await stage.all_turns(conversation_id)
    return conversation_id


def texts(stage: Stage) -> list[str]:
    return [outgoing.body["text"] for outgoing in stage.channel.sent]


async def waiting(stage: Stage, count: int) -> bool:
    rows = [row for row in await stage.outbox() if row.state == "queued" and row.not_before is not None]
    return len(rows) == count


async def test_one_contact_gets_so_many_at_once_and_the_rest_in_order_as_time_passes(stage: Stage) -> None:
    await paced(stage, pair_burst=2, pair_every_s=6)
    await says(stage, "a1", "a2", "a3", "a4")
    async with stage.delivering():
        assert await stage.sent(2) == ["a1", "a2"]
        await eventually(lambda: waiting(stage, 1))
        stage.clock.wind(6)
        assert await stage.sent(3) == ["a1", "a2", "a3"]
        await eventually(lambda: waiting(stage, 1))
        stage.clock.wind(5)
        assert due_rows_now(stage) == []
        stage.clock.wind(1)
        assert await stage.sent(4) == ["a1", "a2", "a3", "a4"]


def due_rows_now(stage: Stage) -> list[outbox.Row]:
    return stage.db.read_now(due_rows, stage.clock.now())


async def test_what_waits_for_its_turn_has_not_been_tried_and_stands_as_queued(stage: Stage) -> None:
    await paced(stage, pair_burst=1)
    await says(stage, "a1", "a2")
    async with stage.delivering():
        await stage.sent(1)
        await eventually(lambda: waiting(stage, 1))
    row = (await stage.outbox())[1]
    assert (row.attempts, row.claimed_at, row.claim_deadline) == (0, None, None)
    messages = await stage.messages(row.conversation_id)
    assert messages[-1].status is MessageStatus.QUEUED


async def test_other_conversations_go_on(stage: Stage) -> None:
    await paced(stage, pair_burst=1)
    await says(stage, "a1", "a2")
    await says(stage, "b1", phone=BEN)
    async with stage.delivering():
        assert sorted(await stage.sent(2)) == ["a1", "b1"]


async def test_a_number_gets_its_rate_over_all_conversations_whichever_process_sends(stage: Stage) -> None:
    await paced(stage, messages_per_s=10)
    for phone in (ANA, BEN, CLARA):
        await says(stage, f"to {phone}", phone=phone)
    rows, now = due_rows_now(stage), stage.clock.now()
    assert len(rows) == 3
    claimed = []
    for number, row in enumerate(rows):
        other = Holder(house=f"h{number}", name="1")
        until = now + timedelta(seconds=5)
        claim = (outbox.claim, row)
        claimed.append(await stage.db.write(*claim, claimer=other, now=now, deadline=until, may_go=pacing.take))
    assert [each is not None for each in claimed] == [True, False, False]
    _, second, third = await stage.outbox()
    assert second.not_before == third.not_before == now + timedelta(seconds=1 / 9)


async def test_what_waits_for_its_numbers_pace_does_not_keep_other_accounts_waiting(stage: Stage) -> None:
    await paced(stage, messages_per_s=1)
    await says(stage, "a1")
    await says(stage, "b1", phone=BEN)
    numbers = pacing.Numbers()
    now = stage.clock.now()
    for row in due_rows_now(stage):
        until = now + timedelta(seconds=5)
        await stage.db.write(outbox.claim, row, claimer=stage.holder, now=now, deadline=until, may_go=numbers.take)
    assert numbers.resting(now) == (stage.account.id,)
    assert numbers.look_again_s(now, 99) < 99
    await says(stage, "c1", phone=CLARA)
    assert len(due_rows_now(stage)) == 1
    due = await stage.db.read(outbox.due, now, passing_unknown_after_s=15, resting=numbers.resting(now))
    assert due == []
    assert numbers.resting(now + timedelta(seconds=10)) == ()


async def test_a_refusal_for_too_much_to_one_contact_empties_their_bucket(stage: Stage) -> None:
    await paced(stage, pair_burst=45)
    stage.channel.answers.append(SendError("no", error_code=131056, course=Course.PAUSE_CONVERSATION))
    await says(stage, "a1", "a2", "a3")
    async with stage.delivering():
        await eventually(lambda: waiting(stage, 1))
        stage.clock.wind(4)
        assert await stage.sent(1) == ["a1"]
        await eventually(lambda: waiting(stage, 1))
        assert texts(stage) == ["a1"]
        stage.clock.wind(6)
        assert await stage.sent(2) == ["a1", "a2"]


async def test_signs_leave_some_of_what_may_go_at_once_to_messages(stage: Stage) -> None:
    await paced(stage, messages_per_s=20)  # two at once
    await stage.hears(phone=ANA)
    await says(stage, "b1", phone=BEN)
    (message,) = due_rows_now(stage)
    account = await stage.db.read(accounts.get, stage.account.id)
    now = stage.clock.now()
    assert await stage.db.write(pacing.take, message, account, now) is None
    sign = replace(message, lane=outbox.Lane.SIGNAL)
    assert await stage.db.write(pacing.take, sign, account, now) is not None
    assert await stage.db.write(pacing.take, message, account, now) is None


@services.sqlite_only
async def test_a_clock_that_is_set_back_holds_up_nothing(stage: Stage) -> None:
    await paced(stage, pair_burst=1)
    await says(stage, "a1", "a2")
    (row, *_) = due_rows_now(stage)
    account = await stage.db.read(accounts.get, stage.account.id)
    now = stage.clock.now()
    assert await stage.db.write(pacing.take, row, account, now + timedelta(hours=1)) is None
    assert await stage.db.write(pacing.take, row, account, now) is None
    skewed = await stage.db.write(pacing.take, row, account, now - timedelta(seconds=2))
    assert skewed is not None and skewed > now


@services.sqlite_only
async def test_what_grows_too_old_while_it_waits_for_its_turn_is_not_sent_and_a_person_is_asked_for(
    stage: Stage,
) -> None:
    await stage.hands_over(off_opens_request=True)
    await paced(stage, pair_burst=1, pair_every_s=3600)
    conversation_id = await says(stage, "a1", "a2")
    async with stage.delivering():
        await stage.sent(1)
        await eventually(lambda: waiting(stage, 1))
        stage.clock.wind(stage.settings.answer_ttl_s + 1)
        await eventually(lambda: _ended(stage))
    assert texts(stage) == ["a1"]
    assert (await stage.messages(conversation_id))[-1].status is MessageStatus.EXPIRED
    assert (await stage.conversation(conversation_id)).state is HandoverState.PENDING


async def _ended(stage: Stage) -> bool:
    return [row.state for row in await stage.outbox()] == ["sent", "expired"]
