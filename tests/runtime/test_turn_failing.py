"""Turns that fail, hang, or have lost the right to write."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from conversation.agent import AgentStatus
from conversation.conversation import ConversationId
from runtime.settings import RuntimeSettings
from runtime.turn import LeaseLost, Step
from store import leases, notices, tables
from tests.house import START, Script, Stage
from tests.runtime.verdicts import verdicts


class TestFailing:
    async def test_it_is_tried_again_after_a_growing_while_then_parked_recorded_and_shown(self, stage: Stage) -> None:
        conversation_id = await stage.hears("oi")
        stage.dialogue.script += [Script(raises=RuntimeError("boom")) for _ in range(3)]
        tried = []
        for wait_s in (0, 2, 8):
            stage.clock.wind(wait_s - 0.001 if wait_s else 0)
            if wait_s:
                assert await stage.turn(conversation_id) is Step.EMPTY  # not yet
                stage.clock.wind(0.001)
            await stage.turn(conversation_id)
            tried.append(len(stage.dialogue.asked))
        assert tried == [1, 2, 3]
        assert len({q.mail.turn_key for q in stage.dialogue.asked}) == 1
        assert await verdicts(stage, conversation_id) == [("RECORD", "parked")]
        assert await stage.heard(conversation_id) == ["oi"]
        (mail,) = await stage.rows(tables.mailbox)
        assert mail.state == "parked"
        assert "parked" in [n["kind"] for n in await stage.db.read(notices.after, 0)]
        await stage.hears("de novo")
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == ["Olá!"]  # one poison mail does not end the conversation

    async def test_one_that_fails_once_is_answered_the_second_time_and_heard_once(self, stage: Stage) -> None:
        conversation_id = await stage.hears("oi")
        stage.dialogue.script.append(Script(raises=RuntimeError("boom")))
        await stage.turn(conversation_id)
        stage.clock.wind(2)
        await stage.turn(conversation_id)
        assert await stage.texts(conversation_id) == ["Olá!"]
        assert await stage.heard(conversation_id) == ["oi"]

    async def test_a_process_that_ends_in_the_middle_leaves_the_mail_for_the_next(self, stage: Stage) -> None:
        conversation_id = await stage.hears("oi")
        thinking = asyncio.Event()

        async def think() -> None:
            thinking.set()
            await asyncio.Event().wait()

        stage.dialogue.script.append(Script(during=think))
        task = asyncio.create_task(stage.turn(conversation_id))
        await thinking.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert stage.dialogue.forgotten == [conversation_id]
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == ["Olá!"]


class TestHanging:
    @pytest.fixture
    def settings(self) -> RuntimeSettings:
        return RuntimeSettings(typing_after_s=30, turn_timeout_s=0.05)

    async def test_one_that_hangs_is_cancelled_and_tried_again(self, stage: Stage) -> None:
        conversation_id = await stage.hears("oi")
        cancelled = []

        async def hang() -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append(True)
                raise

        stage.dialogue.script.append(Script(during=hang))
        await stage.turn(conversation_id)
        assert cancelled == [True]
        (mail,) = await stage.rows(tables.mailbox)
        assert (mail.attempts, mail.error) == (1, "TimeoutError")
        stage.clock.wind(2)
        await stage.turn(conversation_id)
        assert await stage.texts(conversation_id) == ["Olá!"]


class TestTheLease:
    async def lose(self, stage: Stage) -> None:
        other = await stage.db.write(
            leases.acquire, "dialogue", "b/1", now=START + timedelta(minutes=1), ttl_s=15, house="b"
        )
        assert other is not None

    @pytest.mark.parametrize("off", [False, True])
    async def test_whoever_lost_it_writes_nothing(self, stage: Stage, off: bool) -> None:
        if off:
            await stage.ownership.switch_agent("assistant", AgentStatus.INACTIVE)
        conversation_id = await stage.hears()
        await self.lose(stage)
        with pytest.raises(LeaseLost):
            await stage.turn(conversation_id)
        await self.nothing_written(stage, conversation_id)

    async def test_not_even_that_it_failed(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        stage.dialogue.script.append(Script(raises=RuntimeError("boom"), during=lambda: self.lose(stage)))
        with pytest.raises(LeaseLost):
            await stage.turn(conversation_id)
        await self.nothing_written(stage, conversation_id)

    async def nothing_written(self, stage: Stage, conversation_id: ConversationId) -> None:
        assert await stage.events(conversation_id) == []
        assert await stage.outbox() == []
        (mail,) = await stage.rows(tables.mailbox)
        assert (mail.state, mail.attempts) == ("new", 0)
