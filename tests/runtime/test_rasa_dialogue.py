"""The turn around a real Rasa: nothing leaks out of it, and it decides what stock Rasa decides."""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered
from rasa.shared.core.trackers import DialogueStateTracker

from conversation.agent import AgentStatus
from conversation.conversation import ConversationId, HandoverState
from runtime import custom_actions, processor, rasa_dialogue
from runtime.custom_actions import InProcessEndpoint
from runtime.rasa_dialogue import RasaDialogue
from runtime.settings import RuntimeSettings
from runtime.tracker_store import BatonTrackerStore
from runtime.turn import Turns
from store import tables, timers, trackers
from store.trackers import TrackerMoved
from tests.house import ANA, BEN, START, Stage, WoundClock

# Rasa warns of a key that it writes into its own models.
pytestmark = pytest.mark.filterwarnings("ignore:Slot auto-fill:UserWarning")


@pytest.fixture
def clock() -> WoundClock:
    """Rasa stamps its events with the machine's time."""
    return WoundClock(datetime.now(timezone.utc))


@pytest.fixture
def dialogue(stage: Stage, tiny_model: Path, tiny_actions: str) -> RasaDialogue:
    made = RasaDialogue(stage.db, stage.settings)
    assert not made.ready
    made.load(tiny_model, None, tiny_actions)
    stage.channel.has_signs = False
    channels: Any = {"whatsapp": stage.channel}
    stage.turns = Turns(stage.db, made, channels, stage.clock, stage.settings, stage.lease)
    return made


async def says(stage: Stage, *texts: str, phone: str = ANA, **given: Any) -> ConversationId:
    for text in texts:
        conversation_id = await stage.hears(text, phone=phone, **given)
        await stage.all_turns(conversation_id)
    return conversation_id


async def replies(stage: Stage, conversation_id: ConversationId) -> list[str | None]:
    return await stage.texts(conversation_id)


async def intents(stage: Stage, conversation_id: ConversationId) -> list[str | None]:
    events = await stage.events(conversation_id)
    return [e["parse_data"]["intent"]["name"] for e in events if e["event"] == "user"]


async def slots(stage: Stage, conversation_id: ConversationId) -> dict[str, Any]:
    return {e["name"]: e["value"] for e in await stage.events(conversation_id) if e["event"] == "slot"}


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
        assert (await replies(stage, conversation_id))[-1] == "Anotado."  # it was not noted before

    async def test_the_live_tracker_catches_up_with_what_people_did(self, stage: Stage, dialogue: RasaDialogue) -> None:
        conversation_id = await says(stage, "oi")
        await stage.ownership.reply(conversation_id, "sou a Ana", by="ana")
        await stage.ownership.release(conversation_id, by="ana")
        await says(stage, "tchau")
        assert (await replies(stage, conversation_id))[-1] == "Tchau!"
        live = dialogue._live[conversation_id]
        stored = await stage.events(conversation_id)
        assert "sou a Ana" in [e.get("text") for e in stored]
        assert [e.as_dict()["event"] for e in live.events] == [e["event"] for e in stored]
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
        assert (await replies(stage, conversation_id))[-1] == "Oi do zap!"  # not the form's question
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


class TestActions:
    @pytest.fixture
    def seen(self, tiny_actions: str) -> dict[str, Any]:
        made: dict[str, Any] = importlib.import_module(tiny_actions).seen
        made.clear()
        return made

    async def test_a_blocking_one_has_a_thread_of_its_own_and_an_async_one_has_not(
        self, stage: Stage, dialogue: RasaDialogue, seen: dict[str, Any]
    ) -> None:
        await says(stage, "anota")
        assert seen["thread"].startswith("action")
        await says(stage, "devagar")
        assert seen["thread"] == "MainThread"

    async def test_one_sees_the_verdict_the_turn_key_and_the_shops_facts_which_are_not_stored(
        self, stage: Stage, dialogue: RasaDialogue, seen: dict[str, Any]
    ) -> None:
        await stage.ownership.change_account(stage.account.id, shop={"name": "Cantina"})
        conversation_id = await says(stage, "anota")
        assert (seen["metadata"]["verdict"], seen["metadata"]["shop"]) == ("ANSWER", {"name": "Cantina"})
        assert seen["metadata"]["turn_key"].startswith(conversation_id)
        assert "Cantina" not in str(await stage.events(conversation_id))

    async def test_one_can_not_change_the_live_tracker_through_what_it_was_shown_or_gave(
        self, stage: Stage, dialogue: RasaDialogue, seen: dict[str, Any]
    ) -> None:
        conversation_id = await says(stage, "anota")
        seen["given"].append("depois")
        await says(stage, "anota")
        assert (await replies(stage, conversation_id))[-1] == "São 2."
        live = dialogue._live[conversation_id]
        assert live.get_slot("items") == ["um"]
        assert live.latest_message.text == "anota"
        assert (await slots(stage, conversation_id))["items"] == ["um"]

    async def test_without_the_border_it_could(
        self, stage: Stage, dialogue: RasaDialogue, seen: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(custom_actions, "_copied", lambda value: value)
        conversation_id = await says(stage, "anota", "anota")
        assert dialogue._live[conversation_id].get_slot("items") == ["um", "contrabando"]

    async def test_one_that_raises_fails_the_turn(self, stage: Stage, dialogue: RasaDialogue) -> None:
        conversation_id = await says(stage, "bomba")
        (mail,) = await stage.rows(tables.mailbox)
        assert (mail.state, mail.error) == ("new", "RuntimeError")
        assert await stage.events(conversation_id) == []

    async def test_unless_it_is_told_to_do_as_stock_does(
        self, stage: Stage, tiny_model: Path, tiny_actions: str, dialogue: RasaDialogue
    ) -> None:
        stock = RasaDialogue(stage.db, RuntimeSettings(actions_fail_as_stock=True))
        stock.load(tiny_model, None, tiny_actions)
        stage.turns._dialogue = stock
        conversation_id = await says(stage, "bomba")
        assert [row.state for row in await stage.rows(tables.mailbox)] == ["done"]
        assert (await intents(stage, conversation_id)) == ["boom"]

    async def test_one_that_is_named_and_not_there_is_said_with_those_there_are(self, tiny_actions: str) -> None:
        endpoint = InProcessEndpoint(tiny_actions)
        with pytest.raises(LookupError, match=r"action_gone.*action_note"):
            await endpoint.request(json={"next_action": "action_gone", "sender_id": "x", "tracker": {}})

    async def test_the_history_it_is_shown_is_bounded(
        self, stage: Stage, dialogue: RasaDialogue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shown: list[int] = []
        monkeypatch.setattr(custom_actions.CustomAction, "events_shown", 5)
        request = InProcessEndpoint.request

        async def count(self: InProcessEndpoint, json: Any = None, **rest: Any) -> Any:
            shown.append(len(json["tracker"]["events"]))
            return await request(self, json=json, **rest)

        monkeypatch.setattr(InProcessEndpoint, "request", count)
        await says(stage, "oi", "oi", "anota")
        assert shown == [5]


class TestReminders:
    async def test_one_is_set_survives_as_a_timer_and_speaks(self, stage: Stage, dialogue: RasaDialogue) -> None:
        conversation_id = await says(stage, "lembra")
        assert list(await stage.db.read(timers.of_conversation, conversation_id)) == ["later"]
        stage.clock.wind(3_500)
        assert not await stage.db.read(timers.due, stage.clock.now())
        stage.clock.wind(200)
        await stage.db.write(timers.fire, stage.clock.now())
        await stage.all_turns(conversation_id)
        assert await replies(stage, conversation_id) == ["Ainda aí?"]

    async def test_one_is_cancelled(self, stage: Stage, dialogue: RasaDialogue) -> None:
        conversation_id = await says(stage, "lembra", "esquece")
        assert await stage.db.read(timers.of_conversation, conversation_id) == {}

    async def test_one_of_another_conversation_is_not(self, stage: Stage, dialogue: RasaDialogue) -> None:
        ana = await says(stage, "lembra", phone=ANA)
        await says(stage, "esquece", phone=BEN)
        assert list(await stage.db.read(timers.of_conversation, ana)) == ["later"]

    async def test_one_from_before_a_person_had_it_is_outdated_after(
        self, stage: Stage, dialogue: RasaDialogue
    ) -> None:
        conversation_id = await says(stage, "lembra")
        await stage.ownership.take(conversation_id, by="ana")
        await stage.ownership.release(conversation_id, by="ana")
        await says(stage, "oi")
        stage.clock.wind(3_700)
        await stage.db.write(timers.fire, stage.clock.now())
        await stage.all_turns(conversation_id)
        assert await replies(stage, conversation_id) == ["Oi do zap!"]  # as stock after a new session


SCRIPT = ["oi", "pizza", "blá", '/inform{"size": "grande"}', "anota", "anota", "devagar", "???", "tchau", "oi"]
_NOISE = ("timestamp", "metadata", "message_id", "assistant_id", "model_id")


def without_noise(events: Sequence[dict[str, Any]]) -> list[Any]:
    def clean(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: clean(v) for k, v in value.items() if k not in _NOISE}
        return [clean(v) for v in value] if isinstance(value, (list, tuple)) else value

    return [clean(e) for e in events if e.get("name") not in ("session_started_metadata", "agent_verdict")]


class Whats(CollectingOutputChannel):
    @classmethod
    def name(cls) -> str:
        return "whatsapp"


def stock_agent(tiny_model: Path, tiny_actions: str, store: Any) -> Agent:
    return Agent.load(str(tiny_model), tracker_store=store, action_endpoint=InProcessEndpoint(tiny_actions))


async def ask(agent: Agent, text: str, sender_id: str = "someone") -> list[str]:
    channel = Whats()
    await agent.handle_message(UserMessage(text, channel, sender_id, input_channel="whatsapp"))
    return [said["text"] for said in channel.messages]


class TestAgainstStock:
    async def test_the_same_replies_and_the_same_stored_events(
        self, stage: Stage, dialogue: RasaDialogue, tiny_model: Path, tiny_actions: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Stock takes a typed payload for a button; so do we, for this comparison.
        monkeypatch.setattr(processor, "_without_slashes", lambda text: text)
        store = InMemoryTrackerStore(Domain.empty())
        agent = stock_agent(tiny_model, tiny_actions, store)
        theirs = [said for text in SCRIPT for said in await ask(agent, text)]
        conversation_id = await says(stage, *SCRIPT)
        assert await replies(stage, conversation_id) == theirs
        tracker = await store.retrieve("someone")
        assert tracker is not None
        stock = [e.as_dict() for e in tracker.events]
        # Stock's second `anota` changed a list without an event, and the past event with it; ours did not.
        for event in stock:
            if event.get("name") == "items" and event["event"] == "slot":
                event["value"] = ["um"]
        assert without_noise(await stage.events(conversation_id)) == without_noise(stock)


class TestOutsideATurn:
    """Rasa's shell, HTTP API and other channels, on our store."""

    @pytest.fixture
    def store(self, stage: Stage) -> BatonTrackerStore:
        return BatonTrackerStore(Domain.empty(), database=stage.db)

    @pytest.fixture
    def agent(self, store: BatonTrackerStore, tiny_model: Path, tiny_actions: str) -> Agent:
        return stock_agent(tiny_model, tiny_actions, store)

    async def test_stock_rasa_answers_and_each_message_is_stored(self, stage: Stage, agent: Agent) -> None:
        assert await ask(agent, "oi") == ["Oi do zap!"]
        assert await ask(agent, "pizza") == ["Que tamanho?"]
        stored = await stage.db.read(trackers.events_after, "someone", 0)
        assert [e["text"] for e in stored if e["event"] == "user"] == ["oi", "pizza"]

    @pytest.mark.parametrize("status", [AgentStatus.INACTIVE, AgentStatus.DRAFT])
    async def test_a_switched_off_agent_answers_nothing_and_hears_all(
        self, stage: Stage, agent: Agent, status: AgentStatus
    ) -> None:
        await stage.ownership.switch_agent("assistant", status)
        assert await ask(agent, "oi") == []
        assert [
            e["text"] for e in await stage.db.read(trackers.events_after, "someone", 0) if e["event"] == "user"
        ] == ["oi"]
        await stage.ownership.switch_agent("assistant", AgentStatus.ACTIVE)
        assert await ask(agent, "oi") == ["Oi do zap!"]

    async def test_a_conversation_a_person_has_is_not_answered_through_rasas_own_doors(
        self, stage: Stage, agent: Agent
    ) -> None:
        conversation_id = await stage.hears("oi")
        await stage.ownership.take(conversation_id, by="ana")
        assert await ask(agent, "oi", conversation_id) == []
        await stage.ownership.release(conversation_id, by="ana")
        assert await ask(agent, "oi", conversation_id) == ["Oi do zap!"]

    async def test_what_somebody_else_stored_meanwhile_is_not_saved_over(
        self, stage: Stage, agent: Agent, store: BatonTrackerStore
    ) -> None:
        await ask(agent, "oi")
        tracker = await store.retrieve("someone")
        assert tracker is not None
        await stage.db.write(trackers.append, "someone", [{"event": "user", "text": "eu", "timestamp": 1.0}], now=START)
        tracker.update(BotUttered("tarde"))
        with pytest.raises(TrackerMoved):
            await store.save(tracker)

    async def test_the_full_tracker_has_every_session_and_the_other_only_the_latest(
        self, stage: Stage, agent: Agent, store: BatonTrackerStore
    ) -> None:
        await ask(agent, "oi")
        await ask(agent, "/session_start")
        latest, full = await store.retrieve("someone"), await store.retrieve_full_tracker("someone")
        assert latest is not None
        assert full is not None
        assert len(latest.events) < len(full.events)
        assert [e.text for e in full.events if e.type_name == "user" and e.text == "oi"] == ["oi"]

    async def test_keys_exists_and_delete(self, agent: Agent, store: BatonTrackerStore) -> None:
        assert not await store.exists("someone")
        assert await store.retrieve_full_tracker("someone") is None
        await ask(agent, "oi")
        assert await store.exists("someone")
        assert list(await store.keys()) == ["someone"]
        await store.delete("someone")
        assert not await store.exists("someone")

    async def test_a_tracker_given_whole_takes_the_place_of_what_is_stored(
        self, stage: Stage, agent: Agent, store: BatonTrackerStore
    ) -> None:
        await ask(agent, "oi")
        full = await store.retrieve_full_tracker("someone")
        assert full is not None
        given = DialogueStateTracker.from_events("someone", list(full.events)[:2], agent.domain.slots)  # type: ignore[union-attr]
        await store.save(given)
        assert (await stage.db.read(trackers.position, "someone")).seq == 2

    async def test_a_customers_history_is_never_replaced(self, stage: Stage, store: BatonTrackerStore) -> None:
        """As where reading failed, and Rasa's wrapper went on with an empty tracker."""
        conversation_id = await stage.hears("oi")
        await stage.all_turns(conversation_id)
        before = await stage.events(conversation_id)
        empty = DialogueStateTracker.from_events(conversation_id, [BotUttered("tarde")])
        with pytest.raises(TrackerMoved):
            await store.save(empty)
        assert await stage.events(conversation_id) == before != []

    async def test_the_domain_finds_the_verdict_in_a_slot(self, stage: Stage, agent: Agent) -> None:
        await stage.ownership.switch_agent("assistant", AgentStatus.INACTIVE)
        await ask(agent, "oi")
        stored = await stage.db.read(trackers.events_after, "someone", 0)
        verdicts = [e["value"] for e in stored if e["event"] == "slot" and e["name"] == "agent_verdict"]
        assert verdicts[0] == verdicts[-1] == {"verdict": "RECORD", "reason": "agent_inactive"}


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
    monkeypatch.setattr(dialogue, "_settings", RuntimeSettings(live_trackers=2))
    for i in range(4):
        await says(stage, "oi", phone=f"551190000000{i}")
    assert len(dialogue._live) == 2
