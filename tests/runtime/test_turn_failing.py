"""Turns that fail, hang, or have lost the right to write."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from conversation.conversation import ConversationId
from runtime.settings import RuntimeSettings
from runtime.situation import read_situation
from runtime.turn import Step, Turns
from store import mailbox, notices, tables, trackers
from store.leases import Holder
from tests.house import Script, ScriptedDialogue, Stage
from tests.runtime.verdicts import verdicts

STRANGER = Holder(house="b", name="1")


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


class TestASecondWorker:
    """Another process, with a dialogue of its own, on the same database."""

    def other(self, stage: Stage, holder: Holder = STRANGER) -> Turns:
        channels: dict[str, Any] = {"whatsapp": stage.channel}
        dialogue = ScriptedDialogue(stage.db)
        return Turns(stage.db, dialogue, channels, stage.clock, stage.settings, holder)

    async def test_leaves_a_conversation_that_is_being_answered(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        steps: list[Step] = []

        async def meanwhile() -> None:
            steps.append(await self.other(stage).take(conversation_id))

        stage.dialogue.script.append(Script(during=meanwhile))
        await stage.turn(conversation_id)
        assert steps == [Step.ELSEWHERE]
        assert await stage.texts(conversation_id) == ["Olá!"]

    async def test_takes_it_over_when_the_lease_is_over_and_what_the_slow_one_says_is_refused(
        self, stage: Stage
    ) -> None:
        conversation_id = await stage.hears()

        async def oversleep() -> None:
            stage.clock.wind(16)
            assert await self.other(stage).take(conversation_id) is Step.TAKEN

        stage.dialogue.script.append(Script(says=["tarde demais"], during=oversleep))
        await stage.turn(conversation_id)
        assert await stage.texts(conversation_id) == ["Olá!"]
        assert await stage.heard(conversation_id) == ["oi"]
        assert stage.dialogue.forgotten == [conversation_id]

    async def test_without_the_fence_both_would_answer(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mailbox, "finish", lambda *_, **__: True)
        append = trackers.append
        monkeypatch.setattr(trackers, "append", lambda *args, **given: append(*args, **{**given, "expected_seq": None}))
        conversation_id = await stage.hears()

        async def oversleep() -> None:
            stage.clock.wind(16)
            await self.other(stage).take(conversation_id)

        stage.dialogue.script.append(Script(says=["tarde demais"], during=oversleep))
        await stage.turn(conversation_id)
        assert await stage.texts(conversation_id) == ["Olá!", "tarde demais"]

    async def test_a_failure_of_the_slow_one_counts_for_nothing(self, stage: Stage) -> None:
        conversation_id = await stage.hears()

        async def oversleep() -> None:
            stage.clock.wind(16)
            await self.other(stage).take(conversation_id)

        stage.dialogue.script.append(Script(raises=RuntimeError("boom"), during=oversleep))
        await stage.turn(conversation_id)
        (mail,) = await stage.rows(tables.mailbox)
        assert (mail.state, mail.attempts) == ("done", 0)


class TestAProcessThatEndsInTheMiddle:
    """Nothing of it is left but the mark that a turn was begun."""

    async def die(self, stage: Stage, conversation_id: ConversationId, times: int = 1) -> None:
        for _ in range(times):
            situation = await stage.db.read(read_situation, conversation_id, stage.clock.now())
            assert situation is not None
            assert await stage.db.write(mailbox.begin, situation.mail) is not None

    async def test_the_next_one_answers_once_under_the_same_key(self, stage: Stage) -> None:
        conversation_id = await stage.hears("oi")
        await self.die(stage, conversation_id)
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == ["Olá!"]
        assert await stage.heard(conversation_id) == ["oi"]
        (mail,) = await stage.rows(tables.mailbox)
        assert stage.dialogue.asked[0].mail.turn_key == f"{conversation_id}.{mail.id}"

    async def test_a_mail_that_ends_every_process_is_parked_recorded_and_shown(self, stage: Stage) -> None:
        conversation_id = await stage.hears("veneno")
        await self.die(stage, conversation_id, times=3)
        await stage.all_turns(conversation_id)
        assert stage.dialogue.asked == []
        assert await verdicts(stage, conversation_id) == [("RECORD", "parked")]
        assert await stage.heard(conversation_id) == ["veneno"]
        (parked,) = await stage.db.read(mailbox.parked)
        assert (parked.crashes, parked.error) == (3, "the process ended each time it was tried")
        assert "parked" in [n["kind"] for n in await stage.db.read(notices.after, 0)]

    async def test_taken_out_of_the_park_it_is_answered(self, stage: Stage) -> None:
        conversation_id = await stage.hears("veneno")
        await self.die(stage, conversation_id, times=3)
        await stage.all_turns(conversation_id)
        (parked,) = await stage.db.read(mailbox.parked)
        await stage.db.write(mailbox.retry, parked.id)
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == ["Olá!"]
        assert await verdicts(stage, conversation_id) == [("ANSWER", "may_answer")]
        assert await stage.db.read(mailbox.parked) == []

    async def test_taken_out_while_a_person_has_it_it_is_not_recorded_a_second_time(self, stage: Stage) -> None:
        conversation_id = await stage.hears("veneno")
        await self.die(stage, conversation_id, times=3)
        await stage.all_turns(conversation_id)
        await stage.ownership.take(conversation_id, by="ana")
        (parked,) = await stage.db.read(mailbox.parked)
        await stage.db.write(mailbox.retry, parked.id)
        await stage.all_turns(conversation_id)
        assert await stage.heard(conversation_id) == ["veneno"]
        assert await verdicts(stage, conversation_id) == [("RECORD", "human_owns")]
