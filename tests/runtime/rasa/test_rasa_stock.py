"""Beside stock Rasa: the same decisions, and its own doors on our store."""

from __future__ import annotations

import time
from collections.abc import Sequence
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
from runtime import processor
from runtime.custom_actions import InProcessEndpoint
from runtime.rasa_dialogue import RasaDialogue
from runtime.tracker_store import BatonTrackerStore
from store import trackers
from store.trackers import TrackerMoved
from tests.house import START, Stage
from tests.runtime.rasa.talk import replies, says
from tests.services import on_each_kind

# Rasa warns of a key that it writes into its own models.
pytestmark = pytest.mark.filterwarnings("ignore:Slot auto-fill:UserWarning")


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


@on_each_kind
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

    async def test_nor_is_it_restarted_or_made_to_speak_by_an_intent_from_outside(
        self, stage: Stage, agent: Agent
    ) -> None:
        conversation_id = await stage.hears("oi")
        await stage.ownership.take(conversation_id, by="ana")
        assert await self.triggered(agent, conversation_id) == []
        assert await ask(agent, "/restart", conversation_id) == []
        await stage.ownership.release(conversation_id, by="ana")
        assert await self.triggered(agent, conversation_id) == ["Ainda aí?"]

    async def triggered(self, agent: Agent, conversation_id: str) -> list[str]:
        channel = Whats()
        tracker = await agent.tracker_store.get_or_create_tracker(conversation_id)
        await agent.trigger_intent("ping", [], channel, tracker)
        return [said["text"] for said in channel.messages]

    async def test_nor_is_a_session_started_in_it_however_long_ago_the_last_word_was(
        self, stage: Stage, agent: Agent, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        conversation_id = await stage.hears("oi")
        await ask(agent, "oi", conversation_id)
        await stage.ownership.take(conversation_id, by="ana")
        monkeypatch.setattr(time, "time", lambda real=time.time: real() + 100_000)
        await ask(agent, "oi", conversation_id)
        assert await self.sessions(stage, conversation_id) == 1
        await stage.ownership.release(conversation_id, by="ana")
        monkeypatch.setattr(time, "time", lambda later=time.time: later() + 100_000)
        await ask(agent, "oi", conversation_id)
        assert await self.sessions(stage, conversation_id) == 2

    async def sessions(self, stage: Stage, conversation_id: str) -> int:
        stored = await stage.db.read(trackers.events_after, conversation_id, 0)
        return [event["event"] for event in stored].count("session_started")

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
