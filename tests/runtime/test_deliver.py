"""Claim, one request, settle: in order, again where that is safe, and never blindly."""

from __future__ import annotations

import asyncio
import functools
from datetime import timedelta
from typing import Any

import pytest

from conversation.agent import AgentStatus
from conversation.conversation import ConversationId
from conversation.errors import SendError
from conversation.message import MessageStatus
from runtime.channel import Outgoing
from runtime.settings import RuntimeSettings
from store import notices, outbox, tables
from store.leases import Holder
from tests.house import ANA, BEN, THIS_IS_ANA, Script, Stage, due_rows, eventually

STRANGER = Holder(house="b", name="1")


@pytest.fixture
def settings() -> RuntimeSettings:
    return RuntimeSettings(typing_after_s=30, send_tries=3)


async def says(stage: Stage, *texts: str, phone: str = ANA) -> ConversationId:
    """The assistant's answer, queued."""
    stage.channel.has_signs = False
    stage.dialogue.script.append(Script(says=texts))
    conversation_id = await stage.hears(phone=phone)
    await stage.all_turns(conversation_id)
    return conversation_id


def started(stage: Stage, count: int) -> bool:
    return len(stage.channel.started) == count


async def states(stage: Stage) -> list[str]:
    return [row.state for row in await stage.outbox()]


def are(stage: Stage, *wanted: str) -> Any:
    async def check() -> bool:
        return await states(stage) == list(wanted)

    return check


async def test_a_request_carries_all_the_channel_needs(stage: Stage) -> None:
    await says(stage, "oi")
    async with stage.delivering():
        await stage.sent(1)
    (outgoing,) = stage.channel.sent
    (row,) = await stage.outbox()
    assert (outgoing.account, outgoing.token, outgoing.opaque) == (stage.account.provider_id, "tok", str(row.id))
    assert [address.value for address in outgoing.addresses] == [ANA]


async def test_an_account_without_a_token_says_so_and_no_more(stage: Stage) -> None:
    stage.db.write_now(lambda tx: tx.execute(tables.accounts.update().values(token=None)))
    await says(stage, "oi")
    async with stage.delivering():
        await stage.sent(1)
    assert stage.channel.sent[0].token == "none"


async def test_one_after_the_other_in_a_conversation_and_side_by_side_between_two(stage: Stage) -> None:
    held = asyncio.Event()

    async def hold_anas_first(outgoing: Outgoing) -> None:
        if outgoing.body["text"] == "a1":
            await held.wait()

    stage.channel.during = hold_anas_first
    await says(stage, "a1", "a2", "a3")
    await says(stage, "b1", "b2", phone=BEN)
    async with stage.delivering():
        assert await stage.sent(2) == ["b1", "b2"]
        assert [o.body["text"] for o in stage.channel.started if o.addresses[0].value == ANA] == ["a1"]
        held.set()
        assert (await stage.sent(5))[2:] == ["a1", "a2", "a3"]


async def test_what_was_certainly_not_carried_out_is_tried_again_after_a_while(stage: Stage) -> None:
    await says(stage, "oi", "depois")
    stage.channel.answers.append(SendError("no connection", retryable=True))
    async with stage.delivering():
        await eventually(are(stage, "queued", "queued"))
        await eventually(lambda: to_be_tried_again(stage))
        assert stage.channel.texts == []
        stage.clock.wind(2)
        assert await stage.sent(2) == ["oi", "depois"]


async def to_be_tried_again(stage: Stage) -> bool:
    row = (await stage.outbox())[0]
    return bool(row.attempts == 1 and row.state == "queued" and row.not_before > stage.clock.now())


async def test_meta_says_how_long_to_wait(stage: Stage) -> None:
    await says(stage, "oi")
    stage.channel.answers.append(SendError("slow down", retryable=True, retry_after_s=100))
    async with stage.delivering():
        await eventually(lambda: to_be_tried_again(stage))
    assert (await stage.outbox())[0].not_before >= stage.clock.now() + timedelta(seconds=100)


async def failed(stage: Stage, times: int) -> bool:
    """Whether so many tries have failed, and that is written down."""
    (row,) = await stage.outbox()
    return bool(row.attempts == times and row.state != "claimed")


async def test_after_enough_tries_it_is_given_up_and_people_are_told(stage: Stage) -> None:
    conversation_id = await says(stage, "oi")
    stage.channel.answers += [SendError("no connection", retryable=True) for _ in range(3)]
    async with stage.delivering():
        for tried in (1, 2, 3):
            await eventually(functools.partial(failed, stage, tried))
            stage.clock.wind(60)
        await eventually(are(stage, "refused"))
    message = (await stage.messages(conversation_id))[-1]
    assert (message.status, message.error) == (MessageStatus.FAILED, "no connection")
    assert [n["facts"]["state"] for n in await stage.db.read(notices.after, 0) if n["kind"] == "failed"] == ["refused"]


async def test_what_is_refused_is_not_tried_again_and_the_next_one_goes(stage: Stage) -> None:
    await says(stage, "proibido", "depois")
    stage.channel.answers.append(SendError("131047", error_code=131047))
    async with stage.delivering():
        await eventually(are(stage, "refused", "sent"))
    assert stage.channel.texts == ["depois"]


async def test_what_nobody_knows_is_never_made_again_and_the_next_one_waits_a_while_for_it(stage: Stage) -> None:
    conversation_id = await says(stage, "talvez", "depois")
    stage.channel.answers.append(SendError("cut", unknown=True))
    async with stage.delivering():
        await eventually(are(stage, "unknown", "queued"))
        assert (await stage.messages(conversation_id))[1].status is MessageStatus.UNKNOWN
        stage.clock.wind(16)
        await eventually(are(stage, "unknown", "sent"))
    assert len(stage.channel.started) == 2


async def test_a_status_settles_what_was_unknown_and_the_next_one_need_not_wait(stage: Stage) -> None:
    conversation_id = await says(stage, "talvez", "depois")
    stage.channel.answers.append(SendError("cut", unknown=True))
    async with stage.delivering():
        await eventually(are(stage, "unknown", "queued"))
        opaque = stage.channel.started[0].opaque
        await stage.report("wamid.9", MessageStatus.SENT, opaque=opaque)
        await eventually(are(stage, "sent", "sent"))
    message = (await stage.messages(conversation_id))[1]
    assert (message.status, message.provider_id) == (MessageStatus.SENT, "wamid.9")


async def test_a_channel_that_breaks_in_the_middle_leaves_it_unknown(stage: Stage) -> None:
    await says(stage, "oi")
    stage.channel.answers.append(RuntimeError("a bug of ours"))
    async with stage.delivering():
        await eventually(are(stage, "unknown"))
    assert (await stage.outbox())[0].error == "RuntimeError"


async def test_a_request_that_is_not_started_in_time_is_not_started(stage: Stage) -> None:
    await says(stage, "oi")

    async def dawdle(outgoing: Outgoing) -> None:
        if len(stage.channel.started) == 1:
            stage.clock.wind(6)

    stage.channel.during = dawdle
    async with stage.delivering():
        await eventually(lambda: to_be_tried_again(stage))
        assert stage.channel.sent == []
        stage.clock.wind(2)
        assert await stage.sent(1) == ["oi"]


async def test_the_claim_of_a_process_that_is_gone_becomes_unknown_and_is_not_made_again(stage: Stage) -> None:
    await says(stage, "oi")
    (row,) = await stage.db.read(due_rows, stage.clock.now())
    now = stage.clock.now()
    await stage.db.write(outbox.claim, row, claimer=STRANGER, now=now, deadline=now + timedelta(seconds=5))
    async with stage.delivering():
        await eventually(are(stage, "claimed"))
    stage.clock.wind(41)
    async with stage.delivering():
        await eventually(are(stage, "unknown"))
    assert stage.channel.started == []


async def test_what_a_process_of_our_house_left_claimed_is_unknown_at_once(stage: Stage) -> None:
    await says(stage, "oi")
    (row,) = await stage.db.read(due_rows, stage.clock.now())
    now, former = stage.clock.now(), Holder(house=stage.holder.house, name="before us")
    await stage.db.write(outbox.claim, row, claimer=former, now=now, deadline=now + timedelta(seconds=5))
    async with stage.delivering():
        await eventually(are(stage, "unknown"))
    assert stage.channel.started == []


class TestTheWitness:
    async def lose_one(self, stage: Stage) -> int:
        """Ana's answer, of which nobody knows whether it was sent."""
        await says(stage, "oi")
        stage.channel.answers.append(SendError("cut", unknown=True))
        async with stage.delivering():
            await eventually(are(stage, "unknown"))
        return int((await stage.outbox())[0].id)

    async def report_on(self, stage: Stage, row_id: int) -> None:
        await stage.report("wamid.reported", MessageStatus.DELIVERED, opaque=str(row_id))

    async def another_is_reported(self, stage: Stage) -> None:
        stage.clock.wind(1)
        await says(stage, "outra", phone=BEN)
        async with stage.delivering():
            await eventually(are(stage, "unknown", "sent"))
        await self.report_on(stage, (await stage.outbox())[1].id)

    async def test_silent_about_this_one_alone_it_is_sent_once_more(self, stage: Stage) -> None:
        await self.lose_one(stage)
        await self.another_is_reported(stage)
        stage.clock.wind(61)
        async with stage.delivering():
            await eventually(are(stage, "sent", "sent"))
        assert sorted(stage.channel.texts) == ["oi", "outra"]

    async def test_not_before_its_time(self, stage: Stage) -> None:
        await self.lose_one(stage)
        await self.another_is_reported(stage)
        stage.clock.wind(55)
        async with stage.delivering():
            await says(stage, "e mais", phone=BEN)
            await eventually(are(stage, "unknown", "sent", "sent"))

    async def test_silent_about_all_it_proves_nothing(self, stage: Stage) -> None:
        await self.lose_one(stage)
        stage.clock.wind(1)
        await says(stage, "outra", phone=BEN)
        stage.clock.wind(600)
        async with stage.delivering():
            await eventually(are(stage, "unknown", "sent"))
            stage.clock.wind(2)
            await says(stage, "e mais", phone=BEN)
            await eventually(are(stage, "unknown", "sent", "sent"))

    async def test_a_report_settles_it(self, stage: Stage) -> None:
        row_id = await self.lose_one(stage)
        await self.report_on(stage, row_id)
        assert await states(stage) == ["sent"]
        assert stage.channel.sent == []

    async def test_who_may_speak_is_asked_again(self, stage: Stage) -> None:
        await self.lose_one(stage)
        await self.another_is_reported(stage)
        (conversation_id,) = {row.conversation_id for row in await stage.outbox() if row.state == "unknown"}
        await stage.ownership.take(conversation_id, by="ana")
        stage.clock.wind(61)
        async with stage.delivering():
            await eventually(are(stage, "withdrawn", "sent"))
        assert stage.channel.texts == ["outra"]

    async def test_once_more_is_not_twice_more(self, stage: Stage) -> None:
        await self.lose_one(stage)
        await self.another_is_reported(stage)
        stage.clock.wind(61)
        stage.channel.answers.append(SendError("cut again", unknown=True))
        async with stage.delivering():
            await eventually(lambda: len(stage.channel.started) == 3)
            await eventually(are(stage, "unknown", "sent"))
        await self.report_on(stage, (await stage.outbox())[1].id)
        stage.clock.wind(600)
        async with stage.delivering():
            await says(stage, "e mais", phone=BEN)
            await eventually(are(stage, "unknown", "sent", "sent"))
        assert len(stage.channel.started) == 4


async def test_a_take_between_two_tries_withdraws_what_waits(stage: Stage) -> None:
    conversation_id = await says(stage, "oi")
    stage.channel.answers.append(SendError("no connection", retryable=True))
    async with stage.delivering():
        await eventually(lambda: to_be_tried_again(stage))
        await stage.ownership.take(conversation_id, by="ana")
        assert await states(stage) == ["withdrawn"]
        stage.clock.wind(60)
        await stage.ownership.reply(conversation_id, "aqui é a Ana", by="ana")
        assert await stage.sent(1) == [THIS_IS_ANA + "aqui é a Ana"]


async def test_an_answer_too_old_is_not_said(stage: Stage) -> None:
    await says(stage, "oi")
    stage.clock.wind(901)
    async with stage.delivering():
        await eventually(are(stage, "expired"))
    assert stage.channel.started == []


async def test_a_switched_off_agent_sends_nothing_that_was_queued(stage: Stage) -> None:
    await says(stage, "oi")
    await stage.ownership.switch_agent("assistant", AgentStatus.INACTIVE)
    async with stage.delivering():
        await eventually(are(stage, "withdrawn"))
    assert stage.channel.started == []


async def test_without_the_gate_at_the_claim_it_would_be_sent(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "why_not_leave", lambda *_: None)
    await says(stage, "oi")
    await stage.ownership.switch_agent("assistant", AgentStatus.INACTIVE)
    async with stage.delivering():
        assert await stage.sent(1) == ["oi"]


async def test_a_read_receipt_that_fails_is_not_tried_again_and_holds_up_nothing(stage: Stage) -> None:
    conversation_id = await stage.hears()
    await stage.all_turns(conversation_id)

    async def refuse_signs(outgoing: Outgoing) -> None:
        if "seen" in outgoing.body:
            raise SendError("busy", retryable=True)

    stage.channel.during = refuse_signs
    async with stage.delivering():
        assert await stage.sent(1) == ["Olá!"]
        await eventually(lambda: sign_refused(stage))
    assert (await stage.messages(conversation_id))[-1].status is MessageStatus.ACCEPTED


async def sign_refused(stage: Stage) -> bool:
    return [row.state for row in await stage.outbox("signal")] == ["refused"]
