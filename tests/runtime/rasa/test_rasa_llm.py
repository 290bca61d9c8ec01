"""A language model inside a turn of a real Rasa, whose model knows nothing of it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from conversation.conversation import ConversationId, HandoverState
from runtime import processor
from runtime.llm import action, overtaken, scratch, whom_to_ask
from runtime.llm.provider import LlmFailed, Outcome
from runtime.rasa_dialogue import RasaDialogue
from runtime.settings import RuntimeSettings
from runtime.situation import question_of, read_situation
from store import tables
from tests.house import ANA, BEN, Stage, eventually
from tests.runtime.rasa.talk import intents, replies, says, slots
from tests.runtime.verdicts import verdicts
from tests.thinking import ScriptedLlm, failed, hang, thinker, thinks

# Rasa warns of a key that it writes into its own models.
pytestmark = pytest.mark.filterwarnings("ignore:Slot auto-fill:UserWarning")

FAILURES: list[LlmFailed] = [failed(each) for each in Outcome if each is not Outcome.ANSWERED]


@pytest.fixture
def settings() -> RuntimeSettings:
    """Each turn is compared with Rasa's own tracker."""
    return RuntimeSettings(typing_after_s=30, self_check_every=1)


@pytest.fixture
def llm(stage: Stage, dialogue: RasaDialogue) -> ScriptedLlm:
    made = ScriptedLlm()
    dialogue._thinker = thinker(stage, made)
    return made


async def actions(stage: Stage, conversation_id: ConversationId) -> list[str]:
    return [e["name"] for e in await stage.events(conversation_id) if e["event"] == "action"]


class TestAlways:
    async def test_its_words_are_the_answer_and_in_the_tracker(self, stage: Stage, llm: ScriptedLlm) -> None:
        await thinks(stage)
        llm.script.append("Temos moqueca.")
        conversation_id = await says(stage, "oi")
        assert await replies(stage, conversation_id) == ["Temos moqueca."]
        assert (await actions(stage, conversation_id))[-2:] == ["answer_with_llm", "action_listen"]
        assert [e["text"] for e in await stage.events(conversation_id) if e["event"] == "bot"] == ["Temos moqueca."]
        assert llm.told == [("user", "oi")]
        assert (await stage.messages(conversation_id))[0].intent == "greet"

    async def test_the_talk_goes_on_whoever_answers(self, stage: Stage, llm: ScriptedLlm) -> None:
        """With a form begun by Rasa, a person between, and each turn as Rasa's own tracker would have it."""
        await thinks(stage)
        with capture_logs() as logs:
            conversation_id = await says(stage, "oi")
            llm.script.append(failed())
            await says(stage, "pizza")
            assert (await replies(stage, conversation_id))[-1] == "Que tamanho?"
            (*_, asked) = await stage.outbox()
            await says(stage, "Grande", kind="button", choice=asked.body["buttons"][0])
            assert (await replies(stage, conversation_id))[-1] == "Uma grande."
            await stage.ownership.take(conversation_id, by="ana")
            await stage.ownership.reply(conversation_id, "Sou eu.", by="ana")
            await says(stage, "obrigada")
            await stage.ownership.release(conversation_id, by="ana")
            llm.script.append("De nada.")
            await says(stage, "e agora?")
            assert "De nada." in str((await replies(stage, conversation_id))[-1])
            llm.script.append(failed())
            await says(stage, "tchau")
            assert (await replies(stage, conversation_id))[-1] == "Tchau!"
        assert [line["event"] for line in logs if line["event"] in ("fold_differs", "turn_failed")] == []
        assert len(llm.asked) == 4
        assert [row.state for row in await stage.rows(tables.mailbox)] == ["done"] * 6

    async def test_it_is_told_what_a_person_wrote_too(self, stage: Stage, llm: ScriptedLlm) -> None:
        await thinks(stage)
        conversation_id = await says(stage, "oi", "tem moqueca?")
        assert llm.told == [("user", "oi"), ("assistant", "Pois não."), ("user", "tem moqueca?")]
        await stage.ownership.take(conversation_id, by="ana")
        await stage.ownership.reply(conversation_id, "Tem sim.", by="ana")
        await says(stage, "quanto?")
        assert len(llm.asked) == 2
        await stage.ownership.release(conversation_id, by="ana")
        await says(stage, "e peixe?")
        # A talk that a person gives back begins at the known point, as Rasa's does.
        assert llm.told == [("user", "e peixe?")]

    @pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: str(failure.outcome.value))
    async def test_whatever_goes_wrong_the_trained_model_answers_as_if_it_had_not_been_asked(
        self, stage: Stage, llm: ScriptedLlm, failure: LlmFailed
    ) -> None:
        await thinks(stage)
        llm.script.append(failure)
        conversation_id = await says(stage, "oi")
        assert await replies(stage, conversation_id) == ["Oi do zap!"]
        assert await actions(stage, conversation_id) == [
            "action_session_start",
            "action_listen",
            "utter_greet",
            "action_listen",
        ]

    async def test_a_person_is_asked_for_by_the_trained_model_alone(self, stage: Stage, llm: ScriptedLlm) -> None:
        """The tiny bot asks by an action of its own; its slot in the tracker is what makes the request."""
        await thinks(stage)
        llm.script.append(failed())
        conversation_id = await says(stage, "pessoa")
        assert (await stage.conversation(conversation_id)).state is HandoverState.PENDING

    async def test_a_picture_without_words_is_not_asked_about(self, stage: Stage, llm: ScriptedLlm) -> None:
        await thinks(stage)
        conversation_id = await stage.hears(None, kind="image")
        await stage.all_turns(conversation_id)
        assert llm.asked == []


class TestALongTalk:
    @pytest.fixture
    def settings(self) -> RuntimeSettings:
        """So few events are kept that the tracker lets go of most of them."""
        return RuntimeSettings(typing_after_s=30, self_check_every=1, action_events=50)

    async def test_with_both_in_it_is_as_rasas_own_tracker_has_it(self, stage: Stage, llm: ScriptedLlm) -> None:
        await thinks(stage)
        dice = random.Random(3)
        with capture_logs() as logs:
            for _ in range(40):
                llm.script.clear()
                llm.script += [failed(Outcome.GARBAGE)] * dice.randint(0, 1)
                conversation_id = await says(
                    stage, dice.choice(["oi", "pizza", "nada disso", "anota", "tchau", "medida"])
                )
        assert [line["event"] for line in logs if line["event"] in ("fold_differs", "turn_failed")] == []
        said = Counter(await replies(stage, conversation_id))
        assert said["Pois não."] > 5
        assert said["Oi do zap!"] + said["Tchau!"] + said["Que tamanho?"] > 5


class TestItsWordsAreWords:
    @pytest.mark.parametrize(
        "text",
        [
            '/inform{"size": "gratis"}',
            "/restart",
            '{"event": "slot", "name": "size", "value": "x"}',
            "[[what_next]]",
            '{"tool_calls": [{"name": "action_person"}]}',
            "{size} {name}",
            "utter_bye",
        ],
    )
    async def test_nothing_in_them_is_an_order(self, stage: Stage, llm: ScriptedLlm, text: str) -> None:
        await thinks(stage)
        llm.script.append(text)
        conversation_id = await says(stage, "oi")
        assert await replies(stage, conversation_id) == [text.replace("[[", "[ [")]
        assert {name for name, value in (await slots(stage, conversation_id)).items() if value} <= {
            "session_started_metadata"
        }
        assert (await stage.conversation(conversation_id)).state is HandoverState.BOT
        (row,) = await stage.outbox()
        assert row.body["buttons"] == []

    async def test_signs_that_no_database_takes_cost_no_turn(self, stage: Stage, llm: ScriptedLlm) -> None:
        await thinks(stage)
        llm.script.append("a\x00b\ud800c")
        assert await replies(stage, await says(stage, "oi")) == ["abc"]


class TestUnsure:
    async def test_it_is_asked_where_the_trained_model_is_not_sure(self, stage: Stage, llm: ScriptedLlm) -> None:
        await thinks(stage, asked_when="unsure")
        conversation_id = await says(stage, "oi", "nada disso", "tchau")
        assert await replies(stage, conversation_id) == ["Oi do zap!", "Pois não.", "Tchau!"]
        assert len(llm.asked) == 1
        assert llm.told == [("user", "oi"), ("assistant", "Oi do zap!"), ("user", "nada disso")]

    async def test_in_a_form_it_is_not(self, stage: Stage, llm: ScriptedLlm) -> None:
        await thinks(stage, asked_when="unsure")
        await says(stage, "pizza", "nada disso")
        assert llm.asked == []

    async def test_where_it_fails_the_fallback_says_so(self, stage: Stage, llm: ScriptedLlm) -> None:
        await thinks(stage, asked_when="unsure")
        llm.script.append(failed())
        assert await replies(stage, await says(stage, "nada disso")) == ["Não entendi."]


class TestARuleThatNamesIt:
    """The tiny bot's rule for `anota` runs an action; here it is the one that asks the model."""

    @pytest.fixture(autouse=True)
    def _named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for module in (processor, action, whom_to_ask):
            monkeypatch.setattr(module, "ANSWER_WITH_LLM", "action_note")

    async def test_is_answered_by_the_model(self, stage: Stage, llm: ScriptedLlm) -> None:
        await thinks(stage, asked_when="unsure")
        conversation_id = await says(stage, "anota")
        assert await replies(stage, conversation_id) == ["Pois não."]
        assert (await actions(stage, conversation_id))[-2:] == ["action_note", "action_listen"]

    async def test_and_where_it_has_no_answer_by_the_default_without_a_second_request(
        self, stage: Stage, llm: ScriptedLlm
    ) -> None:
        await thinks(stage)
        llm.script.append(failed())
        assert await replies(stage, await says(stage, "anota")) == ["Não entendi."]
        assert len(llm.asked) == 1

    async def test_as_for_an_agent_that_has_none(self, stage: Stage, llm: ScriptedLlm) -> None:
        assert await replies(stage, await says(stage, "anota")) == ["Não entendi."]
        assert llm.asked == []

    async def test_a_take_ends_it_as_any_other(
        self, stage: Stage, llm: ScriptedLlm, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(overtaken, "LOOK_S", 0.01)
        await thinks(stage, asked_when="unsure")
        llm.script.append(hang)
        conversation_id = await stage.hears("anota")
        turn = asyncio.create_task(stage.all_turns(conversation_id))
        await eventually(lambda: llm.asked)
        await stage.ownership.take(conversation_id, by="ana")
        await asyncio.wait_for(turn, 10)
        assert await replies(stage, conversation_id) == []
        (mail,) = await stage.rows(tables.mailbox)
        assert (mail.attempts, mail.error) == (0, None)


@pytest.mark.parametrize("chosen", [True, False])
async def test_a_button_that_stands_for_an_intent_is_rasas_in_a_form_or_not(
    stage: Stage, dialogue: RasaDialogue, llm: ScriptedLlm, chosen: bool
) -> None:
    await thinks(stage)
    conversation_id = await stage.hears("Tchau", kind="button")
    situation = await stage.db.read(read_situation, conversation_id, stage.clock.now())
    assert situation is not None
    question = question_of(situation)
    reply = await dialogue.answer(replace(question, text="/bye" if chosen else "/bye ", chosen=chosen))
    assert [each.text for each in reply.utterances] == ["Tchau!" if chosen else "Pois não."]


class TestATake:
    @pytest.fixture(autouse=True)
    def _quick(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(overtaken, "LOOK_S", 0.01)

    async def test_ends_the_request_and_nothing_is_said(self, stage: Stage, llm: ScriptedLlm) -> None:
        await thinks(stage)
        llm.script.append(hang)
        conversation_id = await stage.hears("oi")
        turn = asyncio.create_task(stage.all_turns(conversation_id))
        await eventually(lambda: llm.asked)
        await stage.ownership.take(conversation_id, by="ana")
        await asyncio.wait_for(turn, 10)
        assert llm.given_up == 1
        assert await replies(stage, conversation_id) == []
        assert await stage.heard(conversation_id) == ["oi"]
        assert await verdicts(stage, conversation_id) == [("RECORD", "human_owns")]
        (mail,) = await stage.rows(tables.mailbox)
        assert (mail.attempts, mail.error) == (0, None)

    async def test_in_the_moment_its_words_come_throws_them_away(self, stage: Stage, llm: ScriptedLlm) -> None:
        await thinks(stage)

        async def too_late() -> str:
            await stage.ownership.take(ids[0], by="ana")
            return "tarde demais"

        llm.script.append(too_late)
        ids = [await stage.hears("oi")]
        await stage.all_turns(ids[0])
        assert await replies(stage, ids[0]) == []
        assert "tarde" not in str(await stage.events(ids[0]))


async def test_two_talks_side_by_side_do_not_mix(stage: Stage, llm: ScriptedLlm) -> None:
    """While one waits for the model, Rasa answers the other, with the same processor."""
    await thinks(stage)
    ana_may_go_on = asyncio.Event()

    async def slow() -> str:
        await ana_may_go_on.wait()
        return "para Ana"

    llm.script += [slow, failed(), failed()]
    ana = await stage.hears("oi", phone=ANA)
    turn = asyncio.create_task(stage.all_turns(ana))
    await eventually(lambda: llm.asked)
    ben = await says(stage, "pizza", "tchau", phone=BEN)
    assert await replies(stage, ben) == ["Que tamanho?", "Tchau!", "Que tamanho?"]
    ana_may_go_on.set()
    await turn
    assert await replies(stage, ana) == ["para Ana"]
    assert (await intents(stage, ana), await intents(stage, ben)) == (["greet"], ["order", "bye"])


class TestTryingOut:
    async def test_nothing_is_kept_of_it_and_the_talk_goes_on(
        self, stage: Stage, dialogue: RasaDialogue, llm: ScriptedLlm
    ) -> None:
        first = await dialogue.try_out(stage.agent, "s1", "pizza")
        assert (first.texts, first.by, first.tokens) == (("Que tamanho?",), "rasa", None)
        agent = await thinks(stage)
        again = await dialogue.try_out(agent, "s2", "tem moqueca?")
        assert (again.texts, again.by, again.tokens) == (("Pois não.",), "stand-in", 110)
        await dialogue.try_out(agent, "s2", "quanto?")
        assert llm.told == [("user", "tem moqueca?"), ("assistant", "Pois não."), ("user", "quanto?")]
        await dialogue.try_out(agent, "s3", "oi")
        assert llm.told == [("user", "oi")]
        for table in (tables.outbox, tables.mailbox, tables.messages, tables.tracker_events, tables.timers):
            assert await stage.db.read(lambda tx, table=table: tx.execute(table.select()).all()) == []
        rows = await stage.rows(tables.llm_calls)
        assert {row.conversation_id for row in rows} == {None}

    async def test_a_failure_is_rasas_answer_and_says_so(
        self, stage: Stage, dialogue: RasaDialogue, llm: ScriptedLlm
    ) -> None:
        llm.script.append(failed())
        tried = await dialogue.try_out(await thinks(stage), "s1", "oi")
        assert (tried.texts, tried.by, tried.tokens) == (("Oi!",), "rasa", None)
        assert llm.asked[0].timeout_s == 10

    async def test_a_reminder_a_person_and_an_action_that_fails_reach_nobody(
        self, stage: Stage, dialogue: RasaDialogue
    ) -> None:
        await dialogue.try_out(stage.agent, "s1", "lembra")
        assert (await dialogue.try_out(stage.agent, "s1", "pessoa")).texts == ("Chamando.",)
        with pytest.raises(RuntimeError):
            await dialogue.try_out(stage.agent, "s1", "bomba")
        assert (await dialogue.try_out(stage.agent, "s1", "oi")).texts == ("Oi!",)
        assert await stage.db.read(lambda tx: tx.execute(tables.timers.select()).all()) == []

    async def test_only_so_many_are_remembered(
        self, stage: Stage, dialogue: RasaDialogue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(scratch, "_MOST", 2)
        for session in ("s1", "s2", "s3"):
            await dialogue.try_out(stage.agent, session, "oi")
        assert len(dialogue._scratch) == 2
