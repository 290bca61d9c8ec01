"""Long talks with a real Rasa: what they cost stays what it was, and nothing of them is forgotten."""

from __future__ import annotations

import base64
import importlib
import json
import zlib
from typing import Any
from unittest.mock import Mock

import pytest
import structlog
from rasa.core.actions.action import ActionSessionStart, RemoteAction
from rasa.core.policies.memoization import AugmentedMemoizationPolicy, MemoizationPolicy
from rasa.core.policies.policy import Policy
from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, AllSlotsReset, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from runtime import fold_reach, live_trackers, rasa_dialogue, stored_tracker, tracker_store
from runtime.custom_actions import CustomAction, SessionStart, quickened
from runtime.fold import OutOfReach
from runtime.rasa_dialogue import RasaDialogue
from runtime.settings import RuntimeSettings
from runtime.tracker_store import BatonTrackerStore
from store import snapshots, tables, trackers
from tests.house import START, Stage
from tests.runtime.rasa.talk import replies, says
from tests.runtime.talks_of_rasa import DOMAIN
from tests.services import on_each_kind

# Rasa warns of a key that it writes into its own models.
pytestmark = pytest.mark.filterwarnings("ignore:Slot auto-fill:UserWarning")


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_tracker, "_ACTIONS_KEPT", 8)
    monkeypatch.setattr(stored_tracker, "_MESSAGES_KEPT", 3)
    monkeypatch.setattr(stored_tracker, "_SLACK", 10)
    monkeypatch.setattr(live_trackers, "_EVENTS_KEPT", 20)
    monkeypatch.setattr(live_trackers, "_WORTH_A_SNAPSHOT", 40)
    monkeypatch.setattr(live_trackers, "_SNAPSHOT_EVERY", 10)


@pytest.fixture
def seen(tiny_actions: str) -> dict[str, Any]:
    made: dict[str, Any] = importlib.import_module(tiny_actions).seen
    made.clear()
    return made


async def snapshot_rows(stage: Stage) -> list[Any]:
    return await stage.db.read(lambda tx: tx.execute(tables.tracker_snapshots.select()).all())


@pytest.mark.usefixtures("small")
class TestALongSession:
    @pytest.fixture
    def settings(self) -> RuntimeSettings:
        return RuntimeSettings(typing_after_s=30, action_events=20, self_check_every=1)

    async def test_it_is_read_by_its_snapshot_and_goes_on_where_it_was(
        self, stage: Stage, dialogue: RasaDialogue
    ) -> None:
        conversation_id = await says(stage, "anota", *["oi", "blá", "tchau", "devagar"] * 12)
        held = dialogue._live[conversation_id]
        assert len(held.events) < 60 < len(await stage.events(conversation_id))
        (row,) = await snapshot_rows(stage)
        assert row.seq > held.position.seq - 30
        dialogue.forget(conversation_id)
        await says(stage, "tchau", "anota")
        assert (await replies(stage, conversation_id))[-1] == "São 2."  # what was noted at the very beginning is known
        assert not dialogue._live[conversation_id].whole

    async def test_a_discarded_turn_leaves_no_snapshot(
        self, stage: Stage, dialogue: RasaDialogue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(live_trackers, "_WORTH_A_SNAPSHOT", 0)
        conversation_id = await says(stage, "oi", "oi")
        before = [row.seq for row in await snapshot_rows(stage)]
        await stage.hears("oi")
        answer = dialogue.answer

        async def answer_and_lose(question: Any) -> Any:
            reply = await answer(question)
            await stage.ownership.take(conversation_id, by="ana")
            return reply

        monkeypatch.setattr(dialogue, "answer", answer_and_lose)
        await stage.all_turns(conversation_id)
        assert [row.seq for row in await snapshot_rows(stage)] == before

    async def test_a_tracker_in_doubt_is_made_anew_and_the_doubt_is_in_the_log(
        self, stage: Stage, dialogue: RasaDialogue
    ) -> None:
        conversation_id = await says(stage, "oi", "anota")
        spoilt = dialogue._live[conversation_id]
        spoilt.fold.told = spoilt.fold.told._replace(followup_action="action_boom")
        with structlog.testing.capture_logs() as logs:
            await says(stage, "oi")
        (doubt,) = [line for line in logs if line["event"] == "fold_differs"]
        assert doubt["where"] == ["followup_action"]
        assert dialogue._live[conversation_id] is not spoilt

    async def test_ours_and_rasas_own_agree_at_every_turn(self, stage: Stage, dialogue: RasaDialogue) -> None:
        with structlog.testing.capture_logs() as logs:
            for text in ["oi", "pizza", "anota", "pizza", "fui", "???", "lembra"] * 4:
                await says(stage, text)
        assert [line for line in logs if line["event"] in ("fold_differs", "turn_failed")] == []

    async def test_a_turn_that_reaches_beyond_what_is_in_memory_is_begun_again_with_all_of_it(
        self, stage: Stage, dialogue: RasaDialogue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        conversation_id = await says(stage, *["oi"] * 20)
        hear, whole = rasa_dialogue._hear, []

        async def reach_far(processor: Any, turn: Any, question: Any) -> None:
            whole.append(turn.tracker.whole)
            await hear(processor, turn, question)
            if not turn.tracker.whole:
                raise OutOfReach("further")

        monkeypatch.setattr(rasa_dialogue, "_hear", reach_far)
        await says(stage, "tchau")
        assert whole == [False, True]
        assert (await replies(stage, conversation_id))[-1] == "Tchau!"
        assert (await stage.heard(conversation_id)).count("tchau") == 1


class TestWhatActionsSee:
    @pytest.fixture
    def settings(self) -> RuntimeSettings:
        return RuntimeSettings(typing_after_s=30, action_events=60)

    async def test_the_last_events_and_all_slots_warm_and_cold(
        self, stage: Stage, dialogue: RasaDialogue, seen: dict[str, Any]
    ) -> None:
        conversation_id = await says(stage, "anota", "pizza")
        await says(stage, "Grande", kind="button", choice=(await stage.outbox())[-1].body["buttons"][0])
        await says(stage, *["oi"] * 40)
        await says(stage, "anota")
        assert seen["events"] == 60 < len(await stage.events(conversation_id))
        assert (seen["slots"]["items"], seen["slots"]["size"]) == (["um"], "grande")
        dialogue.forget(conversation_id)
        await says(stage, "anota")
        assert seen["events"] == 60
        assert seen["slots"]["size"] == "grande"

    async def test_of_a_short_talk_all(self, stage: Stage, dialogue: RasaDialogue, seen: dict[str, Any]) -> None:
        conversation_id = await says(stage, "oi", "anota")
        stored = await stage.events(conversation_id)
        # From the start of the session on, to the action itself, which is stored with what it said.
        first = next(i for i, event in enumerate(stored) if event["event"] == "session_started")
        last = next(i for i, event in enumerate(stored) if event.get("name") == "action_note")
        assert seen["events"] == last - first


class TestSessions:
    async def test_their_start_carries_each_slot_over_once_however_many_there_were(
        self, stage: Stage, dialogue: RasaDialogue
    ) -> None:
        conversation_id = await says(stage, "anota")
        sizes = []
        for _ in range(6):
            stage.clock.wind(4_000)
            before = len(await stage.events(conversation_id))
            await says(stage, "oi")
            sizes.append(len(await stage.events(conversation_id)) - before)
        assert len(set(sizes[1:])) == 1
        assert dialogue._live[conversation_id].get_slot("items") == ["um"]

    async def test_it_comes_to_the_same_as_rasas_own(self) -> None:
        sets = [
            SlotSet("size", "s"),
            SlotSet("mood", "bad"),
            SlotSet("size", "m"),
            AllSlotsReset(),
            SlotSet("vip", True),
        ]
        tracker = DialogueStateTracker.from_events("x", [ActionExecuted("action_listen"), *sets], DOMAIN.slots)
        channel, nlg = Mock(), Mock()
        mine, theirs = [
            await start.run(channel, nlg, tracker, DOMAIN) for start in (SessionStart(), ActionSessionStart())
        ]
        assert len(mine) == len(theirs) - 1
        after = [DialogueStateTracker.from_events("x", events, DOMAIN.slots) for events in (mine, theirs)]
        assert after[0].current_slot_values() == after[1].current_slot_values()
        assert after[0].past_states(DOMAIN) == after[1].past_states(DOMAIN)

    def test_a_projects_own_is_left_to_it(self) -> None:
        assert type(quickened(ActionSessionStart())) is SessionStart
        own = RemoteAction("action_session_start", None)
        assert type(quickened(own)) is CustomAction
        subclass = type("Own", (ActionSessionStart,), {})()
        assert quickened(subclass) is subclass

    async def test_what_it_is_told_of_the_message_is_small(self, stage: Stage, dialogue: RasaDialogue) -> None:
        conversation_id = await says(stage, "oi")
        told = [e for e in await stage.events(conversation_id) if e.get("name") == "session_started_metadata"]
        assert len(told) == 1
        assert len(json.dumps(told[0]["value"])) < 300


class TestLiveTrackers:
    @pytest.fixture
    def settings(self) -> RuntimeSettings:
        return RuntimeSettings(typing_after_s=30, live_trackers_mb=0.1)

    async def test_they_are_let_go_when_they_take_too_much_memory(self, stage: Stage, dialogue: RasaDialogue) -> None:
        ids = [await says(stage, *["oi"] * 3, phone=f"551190000000{i}") for i in range(4)]
        assert ids[-1] in dialogue._live
        assert ids[0] not in dialogue._live
        assert len(dialogue._live) < 4
        await says(stage, "tchau", phone="5511900000000")
        assert (await replies(stage, ids[0]))[-1] == "Tchau!"

    async def test_one_whose_talk_was_deleted_is_not_used(self, stage: Stage, dialogue: RasaDialogue) -> None:
        conversation_id = await says(stage, "anota")
        await stage.db.write(trackers.delete, conversation_id)
        await says(stage, "anota")
        assert (await replies(stage, conversation_id))[-1] == "Anotado."  # as on the first day

    async def test_nor_one_that_another_has_taken_the_place_of(self, stage: Stage, dialogue: RasaDialogue) -> None:
        conversation_id = await says(stage, "anota")
        as_many = len(await stage.events(conversation_id))

        def exchange(tx: Any) -> None:
            trackers.delete(tx, conversation_id)
            trackers.append(tx, conversation_id, [{"event": "bot", "timestamp": 1.0}] * as_many, now=START)

        await stage.db.write(exchange)
        await says(stage, "anota")
        assert (await replies(stage, conversation_id))[-1] == "Anotado."


@on_each_kind
class TestTheStore:
    async def test_deleting_takes_the_snapshot_too(self, stage: Stage) -> None:
        store = BatonTrackerStore(Domain.empty(), database=stage.db)
        made = snapshots.Snapshot(seq=1, model="m", domain="d", body={"k": 1})
        await stage.db.write(snapshots.put, "x", made)
        await stage.db.write(snapshots.put, "x", made)
        assert await stage.db.read(snapshots.find, "x", model="m", domain="d") == made
        assert await stage.db.read(snapshots.find, "x", model="m", domain="other") is None
        await store.delete("x")
        assert await stage.db.read(snapshots.find, "x", model="m", domain="d") is None

    async def test_keys_are_all_of_them_a_page_at_a_time(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tracker_store, "_KEYS_AT_ONCE", 2)
        store = BatonTrackerStore(Domain.empty(), database=stage.db)
        for name in "edcba":
            await stage.db.write(trackers.append, name, [{"event": "bot", "timestamp": 1.0}], now=START)
        assert list(await store.keys()) == list("abcde")
        await store.delete("c")
        assert list(await store.keys()) == list("abde")

    async def test_the_full_tracker_is_whole_however_much_is_let_go(self, stage: Stage, dialogue: RasaDialogue) -> None:
        conversation_id = await says(stage, *["oi"] * 60)
        full = await BatonTrackerStore(Domain.empty(), database=stage.db).retrieve_full_tracker(conversation_id)
        assert full is not None
        assert (
            len(full.events) == len(await stage.events(conversation_id)) > len(dialogue._live[conversation_id].events)
        )


def policy(cls: type[Policy], lookup: dict[str, Any] | None = None, **config: Any) -> Policy:
    made: Policy = cls({**cls.get_default_config(), **config}, Mock(), Mock(), Mock(), lookup=lookup)  # type: ignore[call-arg]
    return made


class TestHowFarPoliciesLook:
    def test_a_rule_policy_as_far_as_its_longest_rule(self, dialogue: RasaDialogue) -> None:
        rules = {json.dumps([{}] * 3): "utter_greet", "default rule": "action_restart"}
        lookup = {
            "rules": rules,
            "rules_for_loop_unhappy_path": {json.dumps([{}] * 5): "x"},
            "rules_not_in_stories": [],
        }
        assert fold_reach._reach(policy(RulePolicy, lookup)) == 5
        tail = dialogue._agent.facts.past.tail  # type: ignore[union-attr]
        assert tail is not None
        assert 1 < tail < 20

    async def test_in_which_ways_they_ask_is_known_before_they_do(self, stage: Stage, dialogue: RasaDialogue) -> None:
        past = dialogue._agent.facts.past  # type: ignore[union-attr]
        foreseen = [reading.key for reading in past.readings]
        await says(stage, "oi", "pizza", "blá")
        assert [reading.key for reading in past.readings] == foreseen != []

    def test_one_with_max_history_that_far(self) -> None:
        assert fold_reach._reach(policy(AugmentedMemoizationPolicy, max_history=6)) == 7

    def test_one_that_remembers_whole_stories_as_far_as_the_longest(self) -> None:
        key = base64.b64encode(zlib.compress(b"[{}, {prev_action: {action_name: a}}]")).decode()
        assert fold_reach._reach(policy(MemoizationPolicy, {key: "a"}, max_history=None)) == 3

    @pytest.mark.parametrize("cls", [AugmentedMemoizationPolicy, type("Own", (MemoizationPolicy,), {})])
    def test_any_other_may_look_at_all(self, cls: type[Policy]) -> None:
        assert fold_reach._reach(policy(cls, max_history=None)) is None

    def test_then_all_is_kept_and_the_log_says_why(
        self, dialogue: RasaDialogue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(fold_reach, "_policies", lambda _: [policy(AugmentedMemoizationPolicy, max_history=None)])
        with structlog.testing.capture_logs() as logs:
            past = fold_reach.past_of(dialogue._agent.processor)  # type: ignore[union-attr, arg-type]
        assert past.tail is None
        assert logs[0]["policies"] == ["AugmentedMemoizationPolicy"]
