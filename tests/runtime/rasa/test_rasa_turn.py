"""The turn around a real Rasa: nothing leaks out of it, and it decides what Rasa decides."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from conversation.agent import AgentStatus
from conversation.conversation import ConversationId, HandoverState
from runtime import processor, rasa_dialogue
from runtime.rasa_dialogue import RasaDialogue
from runtime.settings import RuntimeSettings
from store import trackers
from tests.house import ANA, BACK, BEN, START, Stage
from tests.runtime.rasa.talk import replies, says, slots

# Rasa warns of a key that it writes into its own models.
pytestmark = pytest.mark.filterwarnings("ignore:Slot auto-fill:UserWarning")


class TestATurn:
    async def test_the_answer_is_the_variation_for_the_channel_and_comes_from_the_tracker(
        self, stage: Stage, dialogue: RasaDialogue
    ) -> None:
        conversation_id = await says(stage, "oi")
        assert await replies(stage, conversation_id) == ["Oi do zap!"]
        said = [e["text"] for e in await stage.events(conversation_id) if e["event"] == "bot"]
        assert said == ["Oi do zap!"]
        assert stage.channel.started == []  # nothing was sent from inside
        first = (await stage.messages(conversation_id))[0]
        assert (first.intent, first.confidence) == ("greet", 1.0)

    async def test_a_form_asks_with_buttons_and_a_chosen_one_fills_the_slot(
        self, stage: Stage, dialogue: RasaDialogue
    ) -> None:
        conversation_id = await says(stage, "pizza")
        (row,) = await stage.outbox()
        assert row.body["text"] == "Que tamanho?"
        await says(stage, "Grande", kind="button", choice=row.body["buttons"][0])
        assert await replies(stage, conversation_id) == ["Que tamanho?", "Uma grande."]

    @pytest.mark.parametrize(
        "text",
        [
            "/restart",
            "/session_start",
            '/inform{"size": "gratis"}',
            ' /inform{"size": "gratis"}',
            '\u00a0/inform{"size": "gratis"}',
            '/ /inform{"size": "gratis"}',
            '//inform{"size": "gratis"}',
            '\u2003/\u2003/inform{"size": "gratis"}',
            "/",
            "/greet",
        ],
    )
    async def test_what_a_customer_types_with_a_slash_is_words(
        self, stage: Stage, dialogue: RasaDialogue, text: str
    ) -> None:
        conversation_id = await says(stage, "pizza", text)
        assert (await stage.heard(conversation_id))[-1] == text.strip()
        assert "size" not in {k for k, v in (await slots(stage, conversation_id)).items() if v}
        events = [e["event"] for e in await stage.events(conversation_id)]
        assert "restart" not in events
        assert events.count("session_started") == 1

    async def test_without_that_the_same_words_would_set_the_slot(
        self, stage: Stage, dialogue: RasaDialogue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(processor, "_without_slashes", lambda text: text)
        conversation_id = await says(stage, "pizza", '/inform{"size": "gratis"}')
        assert (await slots(stage, conversation_id))["size"] == "gratis"

    async def test_asking_for_a_person_is_a_request(self, stage: Stage, dialogue: RasaDialogue) -> None:
        conversation_id = await says(stage, "pessoa")
        assert (await stage.conversation(conversation_id)).state is HandoverState.PENDING
        assert await replies(stage, conversation_id) == ["Chamando."]

    async def test_a_discarded_turn_leaves_nothing_in_memory(
        self, stage: Stage, dialogue: RasaDialogue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        conversation_id = await says(stage, "oi")
        await stage.hears("anota")
        answer = dialogue.answer

        async def answer_and_lose(question: Any) -> Any:
            reply = await answer(question)
            monkeypatch.setattr(dialogue, "answer", answer)
            await stage.ownership.take(conversation_id, by="ana")
            return reply

        monkeypatch.setattr(dialogue, "answer", answer_and_lose)
        await stage.all_turns(conversation_id)
        assert conversation_id not in dialogue._live
        assert "items" not in await slots(stage, conversation_id)
        await stage.ownership.release(conversation_id, by="ana")
        await says(stage, "anota")
        assert (await replies(stage, conversation_id))[-1] == BACK + "Anotado."  # it was not noted before

    async def test_the_live_tracker_catches_up_with_what_people_did(self, stage: Stage, dialogue: RasaDialogue) -> None:
        conversation_id = await says(stage, "oi")
        await stage.ownership.reply(conversation_id, "sou a Ana", by="ana")
        await stage.ownership.release(conversation_id, by="ana")
        await says(stage, "tchau")
        assert (await replies(stage, conversation_id))[-1] == BACK + "Tchau!"
        live = dialogue._live[conversation_id]
        stored = await stage.events(conversation_id)
        assert "sou a Ana" in [e.get("text") for e in stored]
        kinds = [e["event"] for e in stored]
        session = len(kinds) - 1 - kinds[::-1].index("session_started")  # what Rasa itself would read
        assert [e.as_dict()["event"] for e in live.events] == kinds[session:]
        assert live.position.seq == (await stage.db.read(trackers.position, conversation_id)).seq

    async def test_a_customer_first_only_recorded_is_answered_as_a_new_one_is(
        self, stage: Stage, dialogue: RasaDialogue
    ) -> None:
        await stage.ownership.switch_agent("assistant", AgentStatus.INACTIVE)
        conversation_id = await says(stage, "oi", "alguém?")
        await stage.ownership.switch_agent("assistant", AgentStatus.ACTIVE)
        dialogue.forget(conversation_id)
        await says(stage, "oi")
        assert await replies(stage, conversation_id) == ["Oi do zap!"]
        assert await stage.heard(conversation_id) == ["oi", "alguém?", "oi"]

    async def test_two_conversations_do_not_mix(self, stage: Stage, dialogue: RasaDialogue) -> None:
        ana, ben = await stage.hears("pizza", phone=ANA), await stage.hears("oi", phone=BEN)
        await asyncio.gather(stage.all_turns(ana), stage.all_turns(ben))
        assert await replies(stage, ana) == ["Que tamanho?"]
        assert await replies(stage, ben) == ["Oi do zap!"]


class TestComingBack:
    async def test_slots_are_kept_loops_closed_and_what_was_asked_of_a_person_is_over(
        self, stage: Stage, dialogue: RasaDialogue
    ) -> None:
        conversation_id = await says(stage, "anota", "pessoa", "pizza")
        await stage.ownership.take(conversation_id, by="ana")
        await stage.ownership.release(conversation_id, by="ana")
        await says(stage, "oi")
        assert (await replies(stage, conversation_id))[-1] == BACK + "Oi do zap!"  # not the form's question
        live = dialogue._live[conversation_id]
        assert live.get_slot("items") == ["um"]
        assert live.get_slot("handover_request") is None
        assert live.active_loop_name is None
        assert (await stage.conversation(conversation_id)).return_due is False

    async def test_without_it_the_form_would_go_on(
        self, stage: Stage, dialogue: RasaDialogue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rasa_dialogue, "start_from_known_point", lambda *_: None)
        conversation_id = await says(stage, "pizza")
        await stage.ownership.take(conversation_id, by="ana")
        await stage.ownership.release(conversation_id, by="ana")
        await says(stage, "tamanho")
        assert dialogue._live[conversation_id].active_loop_name == "order_form"

    async def test_a_pause_is_a_request_and_over_when_it_is_given_back(
        self, stage: Stage, dialogue: RasaDialogue
    ) -> None:
        conversation_id = await says(stage, "oi")
        await stage.db.write(
            trackers.append, conversation_id, [{"event": "pause", "timestamp": time.time()}], now=START
        )
        assert (await stage.conversation(conversation_id)).state is HandoverState.PENDING
        await says(stage, "oi")
        assert await replies(stage, conversation_id) == ["Oi do zap!"]
        await stage.ownership.release(conversation_id, by="ana")
        await says(stage, "oi")
        assert await replies(stage, conversation_id) == ["Oi do zap!", "Oi do zap!"]


class TestSessions:
    async def starts(self, stage: Stage, conversation_id: ConversationId) -> int:
        return [e["event"] for e in await stage.events(conversation_id)].count("session_started")

    async def test_one_ends_by_when_the_mail_arrived(self, stage: Stage, dialogue: RasaDialogue) -> None:
        conversation_id = await says(stage, "oi")
        stage.clock.wind(3_000)
        await says(stage, "oi")
        assert await self.starts(stage, conversation_id) == 1
        stage.clock.wind(7_300)
        await says(stage, "oi")
        assert await self.starts(stage, conversation_id) == 2

    async def test_a_backlog_answered_late_ends_none(
        self, stage: Stage, dialogue: RasaDialogue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        conversation_id = await says(stage, "oi")
        await stage.hears("tchau")
        monkeypatch.setattr(time, "time", lambda real=time.time: real() + 10_000)
        await stage.all_turns(conversation_id)
        assert await self.starts(stage, conversation_id) == 1

    async def test_a_restarted_worker_reads_the_latest_session_and_goes_on(
        self, stage: Stage, dialogue: RasaDialogue
    ) -> None:
        conversation_id = await says(stage, "pizza")
        dialogue.forget(conversation_id)
        await says(stage, "Grande", kind="button", choice=(await stage.outbox())[0].body["buttons"][0])
        assert (await replies(stage, conversation_id))[-1] == "Uma grande."


async def test_a_model_that_does_not_load_leaves_the_old_one_answering(
    stage: Stage, dialogue: RasaDialogue, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"no model")
    with pytest.raises(Exception, match="broken"):
        dialogue.load(broken, None, None)
    conversation_id = await says(stage, "oi")
    assert await replies(stage, conversation_id) == ["Oi do zap!"]


async def test_a_new_model_is_used_from_the_next_turn_on(
    stage: Stage, dialogue: RasaDialogue, tiny_model: Path, tiny_actions: str
) -> None:
    conversation_id = await says(stage, "pizza")
    await asyncio.to_thread(dialogue.load, tiny_model, None, tiny_actions)
    await says(stage, "Grande", kind="button", choice=(await stage.outbox())[0].body["buttons"][0])
    assert (await replies(stage, conversation_id))[-1] == "Uma grande."


async def test_no_more_trackers_are_kept_than_allowed(
    stage: Stage, dialogue: RasaDialogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialogue._live, "_settings", RuntimeSettings(live_trackers=2))
    for i in range(4):
        await says(stage, "oi", phone=f"551190000000{i}")
    assert len(dialogue._live) == 2
