"""One turn: gate, dialogue, one commit; and whoever moves first while it thinks."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from conversation.agent import AgentStatus
from conversation.conversation import ConversationId, HandoverState
from conversation.handover import Command
from conversation.message import Author
from runtime import turn as turn_module
from runtime.settings import RuntimeSettings
from runtime.turn import LeaseLost, Step
from store import accounts, agents, handovers, leases, mailbox, notices, tables, timers, trackers
from store.timers import Change as TimerChange
from tests.house import START, Script, Stage, eventually


async def verdicts(stage: Stage, conversation_id: ConversationId) -> list[tuple[str | None, str | None]]:
    return [(m.verdict, m.reason) for m in await stage.messages(conversation_id) if m.author is Author.CONTACT]


class TestAnswering:
    async def test_all_of_a_turn_is_there_after_it(self, stage: Stage) -> None:
        conversation_id = await stage.hears("bom dia")
        stage.dialogue.script.append(
            Script(says=["Olá!", "Tudo bem?"], timers=[TimerChange(name="r", due_at=START, payload={})])
        )
        assert await stage.turn(conversation_id) is Step.TAKEN
        assert await stage.texts(conversation_id) == ["Olá!", "Tudo bem?"]
        assert [row.body.get("text") for row in await stage.outbox()] == ["Olá!", "Tudo bem?"]
        assert [e["event"] for e in await stage.events(conversation_id)] == ["user", "bot", "bot"]
        assert await verdicts(stage, conversation_id) == [("ANSWER", "may_answer")]
        first = (await stage.messages(conversation_id))[0]
        assert (first.intent, first.confidence) == ("greet", 0.9)
        assert stage.dialogue.seqs == [3]
        assert await stage.db.read(timers.of_conversation, conversation_id) == {"r": {}}
        assert await stage.turn(conversation_id) is Step.EMPTY

    async def test_a_commit_that_fails_leaves_nothing_of_it(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        conversation_id = await stage.hears()
        monkeypatch.setattr(timers, "apply", lambda *_: 1 / 0)
        await stage.turn(conversation_id)
        assert await stage.texts(conversation_id) == []
        assert await stage.events(conversation_id) == []
        assert await stage.outbox() == []
        assert stage.dialogue.forgotten == [conversation_id]
        (mail,) = await stage.rows(tables.mailbox)
        assert (mail.state, mail.attempts) == ("new", 1)

    async def test_the_question_says_all_the_dialogue_needs(self, stage: Stage) -> None:
        await stage.db.write(accounts.change, stage.vault, stage.account.id, shop={"name": "Cantina"})
        conversation_id = await stage.hears("oi")
        await stage.turn(conversation_id)
        (question,) = stage.dialogue.asked
        assert (question.text, question.chosen, question.channel) == ("oi", False, "whatsapp")
        assert question.shop == {"name": "Cantina"}
        assert question.metadata["verdict"] == "ANSWER"
        assert question.metadata["turn_key"] == question.mail.turn_key

    async def test_two_messages_are_two_turns_in_order(self, stage: Stage) -> None:
        conversation_id = await stage.hears("um")
        await stage.hears("dois")
        await stage.all_turns(conversation_id)
        assert await stage.heard(conversation_id) == ["um", "dois"]

    async def test_the_message_is_marked_as_read_before_the_answer(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        await stage.turn(conversation_id)
        (signal,) = await stage.outbox("signal")
        (message,) = await stage.outbox()
        assert (signal.body["typing"], signal.id < message.id) == (False, True)

    async def test_too_many_answers_within_an_hour_and_it_is_silent_until_the_hour_is_over(self, stage: Stage) -> None:
        await stage.db.write(accounts.change, stage.vault, stage.account.id, max_bot_messages_per_hour=2)
        conversation_id = await stage.hears("um")
        for text in ("dois", "tres"):
            await stage.hears(text)
        await stage.all_turns(conversation_id)
        assert (await verdicts(stage, conversation_id))[-1] == ("RECORD", "bot_limit")
        stage.clock.wind(3601)
        await stage.hears("quatro")
        await stage.all_turns(conversation_id)
        assert (await verdicts(stage, conversation_id))[-1] == ("ANSWER", "may_answer")
        assert await stage.heard(conversation_id) == ["um", "dois", "tres", "quatro"]


class TestRecording:
    @pytest.mark.parametrize("ready", [True, False])
    async def test_words_to_a_switched_off_agent_are_in_the_tracker_unread_and_unanswered(
        self, stage: Stage, ready: bool
    ) -> None:
        stage.dialogue.ready = ready
        await stage.ownership.switch_agent("assistant", AgentStatus.INACTIVE)
        conversation_id = await stage.hears("alguém?")
        await stage.all_turns(conversation_id)
        assert await stage.heard(conversation_id) == ["alguém?"]
        assert await verdicts(stage, conversation_id) == [("RECORD", "agent_inactive")]
        assert (await stage.conversation(conversation_id)).unread == 1
        assert stage.dialogue.asked == []
        assert await stage.rows(tables.outbox) == []

    async def test_while_a_person_has_it_words_are_recorded_with_that_reason(self, stage: Stage) -> None:
        conversation_id = await stage.hears("um")
        await stage.all_turns(conversation_id)
        await stage.ownership.take(conversation_id, by="ana")
        await stage.hears("dois")
        await stage.all_turns(conversation_id)
        assert (await verdicts(stage, conversation_id))[-1] == ("RECORD", "human_owns")
        assert await stage.heard(conversation_id) == ["um", "dois"]
        assert len(stage.dialogue.asked) == 1

    async def test_while_there_is_no_model_answers_wait_and_nothing_is_lost(self, stage: Stage) -> None:
        stage.dialogue.ready = False
        conversation_id = await stage.hears("oi")
        assert await stage.turn(conversation_id) is Step.NOT_READY
        assert len(await stage.messages(conversation_id)) == 1
        stage.dialogue.ready = True
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == ["Olá!"]

    async def test_a_picture_is_for_people(self, stage: Stage) -> None:
        conversation_id = await stage.hears(None, kind="image", content={"id": "1"})
        await stage.all_turns(conversation_id)
        assert await verdicts(stage, conversation_id) == [("RECORD", "not_text")]
        assert await stage.events(conversation_id) == []


class TestWhileItThinks:
    """Whatever happens between the question and the commit, the answer is thrown away and the words are kept once."""

    def when_thinking(self, stage: Stage, do: Any) -> None:
        stage.dialogue.script.append(Script(says=["tarde demais"], during=do))

    async def discarded_and_recorded(self, stage: Stage, conversation_id: ConversationId, reason: str) -> None:
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == []
        assert await stage.rows(tables.outbox) == []
        assert await stage.heard(conversation_id) == ["oi"]
        assert await verdicts(stage, conversation_id) == [("RECORD", reason)]
        assert stage.dialogue.forgotten == [conversation_id]

    async def test_a_take(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        self.when_thinking(stage, lambda: stage.ownership.take(conversation_id, by="ana"))
        await self.discarded_and_recorded(stage, conversation_id, "human_owns")
        assert (await stage.conversation(conversation_id)).owner == "ana"

    async def test_a_reply(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        self.when_thinking(stage, lambda: stage.ownership.reply(conversation_id, "sou a Ana", by="ana"))
        await stage.all_turns(conversation_id)
        assert [row.body["text"] for row in await stage.outbox()] == ["sou a Ana"]
        assert await stage.heard(conversation_id) == ["oi"]

    async def test_a_take_and_a_release_during_one_turn(self, stage: Stage) -> None:
        conversation_id = await stage.hears()

        async def take_and_release() -> None:
            await stage.ownership.take(conversation_id, by="ana")
            await stage.ownership.release(conversation_id, by="ana")

        self.when_thinking(stage, take_and_release)
        await self.discarded_and_recorded(stage, conversation_id, "seen_by_person")

    async def test_the_agent_is_switched_off(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        self.when_thinking(stage, lambda: stage.ownership.switch_agent("assistant", AgentStatus.INACTIVE))
        await self.discarded_and_recorded(stage, conversation_id, "agent_inactive")

    async def test_auto_response_is_switched_off(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        self.when_thinking(stage, lambda: stage.ownership.change_account(stage.account.id, auto_response=False))
        await self.discarded_and_recorded(stage, conversation_id, "auto_response_off")

    async def test_the_agent_is_switched_off_and_on_again(self, stage: Stage) -> None:
        conversation_id = await stage.hears()

        async def off_and_on() -> None:
            await stage.ownership.switch_agent("assistant", AgentStatus.INACTIVE)
            await stage.ownership.switch_agent("assistant", AgentStatus.ACTIVE)

        self.when_thinking(stage, off_and_on)
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == ["Olá!"]  # asked anew; what was said before is gone
        (row,) = await stage.outbox()
        assert row.agent_activation == 2
        assert await stage.heard(conversation_id) == ["oi"]

    async def test_another_agent_is_put_in_charge(self, stage: Stage) -> None:
        other = await stage.db.write(agents.add, "noite", AgentStatus.ACTIVE, START)
        conversation_id = await stage.hears()
        self.when_thinking(stage, lambda: stage.ownership.change_account(stage.account.id, agent_id=other.id))
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == ["Olá!"]
        assert (await stage.outbox())[0].agent_id == other.id

    async def test_somebody_else_appends_to_the_tracker(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        event = {"event": "slot", "name": "x", "value": 1, "timestamp": 1.0}
        self.when_thinking(stage, lambda: stage.db.write(trackers.append, conversation_id, [event], now=START))
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == ["Olá!"]
        assert [e["event"] for e in await stage.events(conversation_id)] == ["slot", "user", "bot"]

    async def test_another_message_of_the_customer_changes_nothing(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        self.when_thinking(stage, lambda: stage.hears("e mais"))
        await stage.all_turns(conversation_id)
        assert await stage.texts(conversation_id) == ["tarde demais", "Olá!"]

    async def test_without_the_fence_the_answer_would_be_queued_after_a_take(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(turn_module, "still_ours", lambda *_: True)
        conversation_id = await stage.hears()

        async def take_unnoticed_by_the_tracker() -> None:
            await stage.db.write(handovers.command, conversation_id, Command.TAKE, by="ana", now=START)

        self.when_thinking(stage, take_unnoticed_by_the_tracker)
        await stage.turn(conversation_id)
        (row,) = await stage.outbox()
        assert row.body["text"] == "tarde demais"
        assert row.ownership == (await stage.conversation(conversation_id)).ownership  # and nothing would stop it


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


class TestReminders:
    async def reminded(self, stage: Stage) -> ConversationId:
        """A conversation whose dialogue asked to be reminded in a minute."""
        conversation_id = await stage.hears()
        change = TimerChange(name="r", due_at=START + timedelta(minutes=1), payload={"intent": "EXTERNAL"})
        stage.dialogue.script.append(Script(timers=[change]))
        await stage.all_turns(conversation_id)
        return conversation_id

    async def fall_due(self, stage: Stage, conversation_id: ConversationId) -> None:
        stage.clock.wind(60)
        await stage.db.write(timers.fire, stage.clock.now())
        await stage.all_turns(conversation_id)

    async def test_one_falls_due_and_speaks(self, stage: Stage) -> None:
        conversation_id = await self.reminded(stage)
        stage.dialogue.script.append(Script(says=["Ainda aí?"]))
        await self.fall_due(stage, conversation_id)
        assert [q.mail.payload for q in stage.dialogue.reminded] == [{"intent": "EXTERNAL"}]
        assert (await stage.texts(conversation_id))[-1] == "Ainda aí?"

    async def test_a_cancelled_one_does_not(self, stage: Stage) -> None:
        conversation_id = await self.reminded(stage)
        await stage.hears("esquece")
        stage.dialogue.script.append(Script(timers=[TimerChange(cancels=lambda payload: True)]))
        await stage.all_turns(conversation_id)
        await self.fall_due(stage, conversation_id)
        assert stage.dialogue.reminded == []

    async def test_while_a_person_has_it_one_is_dropped_and_not_saved_up(self, stage: Stage) -> None:
        conversation_id = await self.reminded(stage)
        await stage.ownership.take(conversation_id, by="ana")
        await self.fall_due(stage, conversation_id)
        await stage.ownership.release(conversation_id, by="ana")
        await stage.all_turns(conversation_id)
        assert stage.dialogue.reminded == []
        assert await stage.db.read(mailbox.still_waiting) == 0

    async def test_the_dialogue_of_a_discarded_turn_set_none(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        change = TimerChange(name="r", due_at=START, payload={})
        stage.dialogue.script.append(
            Script(timers=[change], during=lambda: stage.ownership.take(conversation_id, by="ana"))
        )
        await stage.all_turns(conversation_id)
        assert await stage.rows(tables.timers) == []


class TestComingBack:
    async def given_back(self, stage: Stage) -> ConversationId:
        conversation_id = await stage.hears("um")
        await stage.ownership.take(conversation_id, by="ana")
        await stage.ownership.release(conversation_id, by="ana")
        await stage.all_turns(conversation_id)
        return conversation_id

    async def test_the_next_message_starts_from_the_known_point_and_the_one_after_does_not(self, stage: Stage) -> None:
        conversation_id = await self.given_back(stage)
        await stage.hears("dois")
        await stage.hears("tres")
        await stage.all_turns(conversation_id)
        assert [(q.text, q.return_due) for q in stage.dialogue.asked] == [("dois", True), ("tres", False)]

    async def test_a_reminder_in_between_does_not_use_it_up(self, stage: Stage) -> None:
        conversation_id = await self.given_back(stage)
        await stage.db.write(timers.put, conversation_id, "r", START, {})
        await stage.db.write(timers.fire, START)
        await stage.all_turns(conversation_id)
        assert len(stage.dialogue.reminded) == 1
        await stage.hears("dois")
        await stage.all_turns(conversation_id)
        assert stage.dialogue.asked[-1].return_due

    async def test_a_turn_that_fails_does_not_use_it_up(self, stage: Stage) -> None:
        conversation_id = await self.given_back(stage)
        await stage.hears("dois")
        stage.dialogue.script.append(Script(raises=RuntimeError("boom")))
        await stage.turn(conversation_id)
        stage.clock.wind(2)
        await stage.turn(conversation_id)
        assert [q.return_due for q in stage.dialogue.asked] == [True, True]


class TestAskingForAPerson:
    WISH: ClassVar[Any] = [
        {"event": "slot", "name": "handover_request", "value": {"reason": "asked"}, "timestamp": 1.0}
    ]

    async def test_the_assistants_own_goodbye_still_leaves(self, stage: Stage) -> None:
        conversation_id = await stage.hears("quero falar com alguém")
        stage.dialogue.script.append(Script(says=["Vou chamar alguém."], events=self.WISH))
        await stage.all_turns(conversation_id)
        assert (await stage.conversation(conversation_id)).state is HandoverState.PENDING
        async with stage.delivering():
            assert await stage.sent(1) == ["Vou chamar alguém."]

    async def test_where_the_account_says_so_nobody_answers_until_a_person_does(self, stage: Stage) -> None:
        await stage.db.write(accounts.change, stage.vault, stage.account.id, while_pending="silent")
        conversation_id = await stage.hears("quero falar com alguém")
        stage.dialogue.script.append(Script(events=self.WISH))
        await stage.all_turns(conversation_id)
        await stage.hears("oi?")
        await stage.all_turns(conversation_id)
        assert (await verdicts(stage, conversation_id))[-1] == ("RECORD", "pending_silent")


class TestTyping:
    @pytest.fixture
    def settings(self) -> RuntimeSettings:
        return RuntimeSettings(typing_after_s=0.0)

    async def test_a_slow_turn_shows_it_and_the_answer_takes_it_back_if_it_has_not_left(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        stage.dialogue.script.append(Script(during=lambda: eventually(lambda: self.shown(stage))))
        await stage.turn(conversation_id)
        typing = [row for row in await stage.outbox("signal") if row.body["typing"]]
        assert [row.state for row in typing] == ["withdrawn"]

    async def shown(self, stage: Stage) -> bool:
        return any(row.body["typing"] for row in await stage.outbox("signal"))

    async def test_one_that_can_not_be_shown_does_not_cost_the_answer(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        tried = asyncio.Event()
        seen = stage.channel.seen

        def broken(provider_id: str, *, typing: bool, author: Author) -> Any:
            if typing:
                asyncio.run_coroutine_threadsafe(self.set(tried), loop)
                raise RuntimeError("no sign")
            return seen(provider_id, typing=typing, author=author)

        loop = asyncio.get_running_loop()
        stage.channel.seen = broken  # type: ignore[method-assign]
        stage.dialogue.script.append(Script(during=tried.wait))
        await stage.turn(conversation_id)
        assert await stage.texts(conversation_id) == ["Olá!"]

    async def set(self, event: asyncio.Event) -> None:
        event.set()


async def test_a_text_is_kept_out_of_the_log_exactly_while_its_turn_has_it(stage: Stage) -> None:
    hidden: list[str | None] = []

    @contextmanager
    def hiding(text: str | None) -> Any:
        hidden.append(text)
        yield
        hidden.pop()

    stage.turns._unseen = hiding
    conversation_id = await stage.hears("segredo")
    during: list[list[str | None]] = []

    async def look() -> None:
        during.append(list(hidden))

    stage.dialogue.script.append(Script(during=look, raises=RuntimeError("boom")))
    await stage.turn(conversation_id)
    assert (during, hidden) == ([["segredo"]], [])
