"""One turn: gate, dialogue, one commit."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import Any

import pytest

from conversation.agent import AgentStatus
from conversation.message import Author
from runtime.settings import RuntimeSettings
from runtime.turn import Step
from store import accounts, tables, timers
from store.timers import Change as TimerChange
from tests.house import START, Script, Stage, eventually
from tests.runtime.verdicts import verdicts


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
        signals = stage.channel.signals

        def broken(provider_id: str, *, typing: bool, author: Author) -> Any:
            if typing:
                asyncio.run_coroutine_threadsafe(self.set(tried), loop)
                raise RuntimeError("no sign")
            return signals(provider_id, typing=typing, author=author)

        loop = asyncio.get_running_loop()
        stage.channel.signals = broken  # type: ignore[method-assign]
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
