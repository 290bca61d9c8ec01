"""The fold beside Rasa's own tracker: after any event of any talk they give the same answers."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from typing import Any

import pytest
from rasa.core.featurizers.precomputation import CoreFeaturizationInputConverter
from rasa.core.policies.memoization import _trim_tracker_by_max_history
from rasa.shared.core import events as e
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine import Connection

from conversation.conversation import ConversationId
from runtime import fold_check, fold_snapshot, live_trackers, stored_tracker
from runtime.fold import OutOfReach
from runtime.fold_essence import essence
from runtime.fold_reach import ModelFacts
from runtime.fold_reading import Past
from runtime.live_trackers import LiveTrackers
from runtime.settings import RuntimeSettings
from runtime.stored_tracker import StoredTracker
from runtime.tracker_store import deserialise
from store import snapshots, tables, trackers
from store.database import Database
from tests import services
from tests.house import START
from tests.runtime.talks_of_rasa import DOMAIN, QUESTIONS, Talk, twice

kind = services.kind  # what is compared here knows nothing of the database

TALKS = range(6)
X = ConversationId("x")


def pair(tail: int | None = None) -> tuple[StoredTracker, DialogueStateTracker]:
    return StoredTracker("x", DOMAIN.slots, past=Past(tail=tail)), DialogueStateTracker("x", DOMAIN.slots)


def facts(tracker: DialogueStateTracker) -> dict[str, Any]:
    known: dict[str, Any] = tracker.current_state()
    return known


def texts(events: Sequence[Event]) -> list[str]:
    return [str(event) for event in events]


def must_agree(ours: StoredTracker, stock: DialogueStateTracker) -> None:
    assert texts(ours.applied_events()) == texts(stock.applied_events())
    for question in QUESTIONS:
        assert ours.past_states(DOMAIN, *question) == stock.past_states(DOMAIN, *question)
    assert facts(ours.copy()) == facts(stock.copy())


def play(ours: StoredTracker, stock: DialogueStateTracker, events: Sequence[Event]) -> None:
    for mine, theirs in twice(events):
        ours.update(mine)
        stock.update(theirs)
        question = QUESTIONS[len(stock.events) % len(QUESTIONS)]
        assert ours.past_states(DOMAIN, *question) == stock.past_states(DOMAIN, *question)
        assert texts(ours.applied_events()) == texts(stock.applied_events())
        assert facts(ours) == facts(stock)
    must_agree(ours, stock)


class TestWhole:
    @pytest.mark.parametrize("seed", TALKS)
    def test_a_talk_as_rasa_makes_it_reads_the_same_after_every_event(self, seed: int) -> None:
        ours, stock = pair()
        for turn in itertools.islice(Talk(seed), 35):
            play(ours, stock, turn)

    @pytest.mark.parametrize("seed", TALKS)
    def test_a_stream_of_events_that_rasa_would_never_make_does_too(self, seed: int) -> None:
        ours, stock = pair()
        talk = Talk(seed)
        play(ours, stock, [ActionExecuted("action_listen")])
        for _ in range(120):
            play(ours, stock, talk.lawless())


class Desk:
    """A worker's trackers of one conversation: turns are stored, forgotten, and read again, as in the product."""

    def __init__(self, db: Database, tail: int = 6) -> None:
        self.db, self.model = db, model(tail)
        self.live = LiveTrackers(db, RuntimeSettings(action_events=20))
        self.reread = 0

    async def turn(self, events: Sequence[Event]) -> None:
        try:
            await self._turn(events, whole=False)
        except OutOfReach:
            self.reread += 1
            await self._turn(events, whole=True)

    async def tracker(self, whole: bool = False) -> StoredTracker:
        return await self.live.get(X, self.model, whole=whole)

    async def _turn(self, events: Sequence[Event], whole: bool) -> None:
        tracker = await self.tracker(whole)
        base = tracker.position.seq
        for event, _ in twice(events):
            tracker.update(event)
            for question in QUESTIONS:  # as policies do
                tracker.past_states(DOMAIN, *question)
        await self.db.write(self._commit, tracker, base)
        self.live.committed(X, base + len(events))

    def _commit(self, tx: Connection, tracker: StoredTracker, base: int) -> None:
        snapshot = live_trackers.snapshot_of(tracker, self.model)
        new = [event.as_dict() for event in tracker.unsaved()]
        trackers.append(tx, "x", new, now=START, expected_seq=base)
        if snapshot is not None:
            snapshots.put(tx, "x", snapshot)

    async def stock(self) -> DialogueStateTracker:
        position = await self.db.read(trackers.position, "x")
        events = await self.db.read(trackers.events_after, "x", position.session_seq - 1)
        return fold_check.stock_tracker("x", [deserialise(event) for event in events], DOMAIN)

    async def snapshot_seq(self) -> int:
        found = await self.db.read(snapshots.find, "x", model=self.model.id, domain=self.model.fingerprint)
        return found.seq if found else 0


def model(tail: int, name: str = "m1") -> ModelFacts:
    return ModelFacts(id=name, domain=DOMAIN, fingerprint="d1", past=Past(tail=tail, actions=8))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is let go of soon, and snapshots are many: what takes thousands of events happens in hundreds."""
    monkeypatch.setattr(stored_tracker, "_ACTIONS_KEPT", 8)
    monkeypatch.setattr(stored_tracker, "_MESSAGES_KEPT", 3)
    monkeypatch.setattr(stored_tracker, "_SLACK", 10)
    monkeypatch.setattr(live_trackers, "_EVENTS_KEPT", 20)
    monkeypatch.setattr(live_trackers, "_WORTH_A_SNAPSHOT", 30)
    monkeypatch.setattr(live_trackers, "_SNAPSHOT_EVERY", 10)


def play_on(tracker: StoredTracker, events: Sequence[Event]) -> None:
    for event, _ in twice(events):
        tracker.update(event)


@pytest.mark.usefixtures("small")
class TestLettingGo:
    @pytest.mark.parametrize("seed", [0, 1])
    async def test_a_tracker_that_lets_go_and_is_read_again_reads_as_one_that_keeps_all(
        self, db: Database, seed: int
    ) -> None:
        desk, chance = Desk(db), random.Random(seed)
        for number, turn in enumerate(itertools.islice(Talk(seed, sessions=False), 90)):
            if chance.random() < 0.2:
                desk.live.forget(X)
            await desk.turn(turn)
            if number % 5 == 0:
                assert fold_check.differences(await desk.tracker(), await desk.stock()) == []
        tracker, stock = await desk.tracker(), await desk.stock()
        assert len(tracker.events) < 100 < len(stock.events)
        assert len(tracker.fold.steps) < 100
        assert await desk.snapshot_seq() > len(stock.events) - 40

    async def test_what_it_holds_does_not_grow_with_a_form_that_asks_and_asks(self, db: Database) -> None:
        desk = Desk(db)
        await desk.turn([ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")])
        await desk.turn([*said("x"), ActionExecuted("order_form"), ActiveLoop("order_form"), *asked()])
        held = []
        for n in range(60):
            await desk.turn([*said(f"t{n}"), ActionExecuted("order_form"), SlotSet("size", f"{n}"), *asked()])
            held.append(len((await desk.tracker()).fold.steps))
        assert max(held[30:]) <= max(held[:30])
        assert fold_check.differences(await desk.tracker(), await desk.stock()) == []

    async def test_who_goes_back_further_than_is_in_memory_is_served_from_the_whole_session(self, db: Database) -> None:
        desk, talk = Desk(db), Talk(3, sessions=False)
        for turn in itertools.islice(talk, 40):
            await desk.turn(turn)
        for n in range(12):
            back = [ActionExecuted("action_back"), e.UserUtteranceReverted(), e.UserUtteranceReverted()]
            await desk.turn([*said(f"back {n}"), *back, ActionExecuted("action_listen")])
            assert fold_check.differences(await desk.tracker(), await desk.stock()) == []
        assert desk.reread > 0

    async def test_a_question_nobody_asked_before_is_answered_from_the_whole_session(self, db: Database) -> None:
        desk = Desk(db)
        for turn in itertools.islice(Talk(4, sessions=False), 40):
            await desk.turn(turn)
        fresh = model(6, "m2")
        other = await desk.live.get(X, fresh)
        with pytest.raises(OutOfReach):
            other.past_states(DOMAIN)
        whole = await desk.live.get(X, fresh, whole=True)
        assert whole.past_states(DOMAIN) == (await desk.stock()).past_states(DOMAIN)[-6:]

    async def test_featurizers_find_all_that_the_states_speak_of(self, db: Database) -> None:
        """`TEDPolicy` looks up each text, intent and action of the states among the tracker's events."""
        desk = Desk(db, tail=20)
        for turn in itertools.islice(Talk(5, sessions=False), 60):
            await desk.turn(turn)
        tracker = await desk.tracker()
        assert not tracker.whole
        found = CoreFeaturizationInputConverter().convert_for_inference(tracker)
        known = {(key, message.get(key)) for message in found for key in message.data}
        for question in QUESTIONS:
            for state in tracker.past_states(DOMAIN, *question):
                parts = {**state.get("user", {}), **state.get("prev_action", {})}
                spoken_of = {(key, value) for key, value in parts.items() if key in ("text", "intent", "action_name")}
                assert spoken_of <= known

    async def test_what_is_built_of_its_events_comes_to_the_same(self, db: Database) -> None:
        """As Rasa does where slot mappings are validated, or a custom form asks."""
        desk = Desk(db)
        for turn in itertools.islice(Talk(6, sessions=False), 60):
            await desk.turn(turn)
        tracker, stock = await desk.tracker(), await desk.stock()
        built = DialogueStateTracker.from_events("x", tracker.events_after_latest_restart(), DOMAIN.slots)
        for known in ("slots", "paused", "active_loop", "latest_action_name"):
            assert facts(built)[known] == facts(stock)[known]
        assert tracker.get_latest_input_channel() == "whatsapp"

    async def test_the_memoization_policy_walks_back_over_the_same_actions(self, db: Database) -> None:
        desk = Desk(db)
        for turn in itertools.islice(Talk(7, sessions=False), 60):
            await desk.turn(turn)
            tracker, stock = await desk.tracker(), await desk.stock()
            mine, theirs = (_trim_tracker_by_max_history(t, 3) for t in (tracker, stock))
            for question in QUESTIONS:
                assert mine.past_states(DOMAIN, *question) == theirs.past_states(DOMAIN, *question)


@pytest.mark.usefixtures("small")
class TestSnapshots:
    @pytest.fixture
    async def desk(self, db: Database) -> Desk:
        made = Desk(db)
        for turn in itertools.islice(Talk(8, sessions=False), 40):
            await made.turn(turn)
        made.live.forget(X)
        return made

    async def events_read(self, desk: Desk, facts: ModelFacts) -> int:
        stored = await desk.db.read(live_trackers._by_snapshot, "x", facts)
        return len(stored.events) if stored else 0

    async def test_a_cold_start_reads_it_and_the_events_after_it(self, desk: Desk) -> None:
        assert 0 < await self.events_read(desk, desk.model) < 120 < (await desk.tracker()).position.seq
        assert not (await desk.tracker()).whole
        assert fold_check.differences(await desk.tracker(), await desk.stock()) == []

    async def test_another_models_is_not_used(self, desk: Desk) -> None:
        assert await self.events_read(desk, model(6, "m2")) == 0
        assert fold_check.differences(await desk.live.get(X, model(6, "m2")), await desk.stock()) == []

    async def test_one_that_cannot_be_read_costs_time_only(self, desk: Desk) -> None:
        await desk.db.write(lambda tx: tx.execute(tables.tracker_snapshots.update().values(body='{"fold":')))
        assert fold_check.differences(await desk.tracker(), await desk.stock()) == []

    @pytest.mark.parametrize("body", ["{}", '{"first": 1, "fold": {"steps": []}, "remembered": []}', "[]"])
    async def test_one_that_makes_no_sense_does_too(self, desk: Desk, body: str) -> None:
        await desk.db.write(lambda tx: tx.execute(tables.tracker_snapshots.update().values(body=body)))
        assert fold_check.differences(await desk.tracker(), await desk.stock()) == []

    @pytest.mark.parametrize("page", [3, 40])
    async def test_without_one_the_session_is_read_in_pages_and_let_go_of_between_them(
        self, desk: Desk, page: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(live_trackers, "_PAGE", page)
        await desk.db.write(snapshots.delete, "x")
        held: list[int] = []
        play = live_trackers._play

        def watched(tracker: StoredTracker, *args: Any) -> None:
            play(tracker, *args)
            held.append(len(tracker.events))

        monkeypatch.setattr(live_trackers, "_play", watched)
        tracker, stock = await desk.tracker(), await desk.stock()
        assert len(held) >= len(stock.events) / page
        assert max(held) < len(stock.events) / 2
        assert fold_check.differences(tracker, stock) == []

    async def test_one_of_an_earlier_session_is_not_used(self, desk: Desk) -> None:
        await desk.turn([ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")])
        desk.live.forget(X)
        assert await self.events_read(desk, desk.model) == 0
        assert fold_check.differences(await desk.tracker(), await desk.stock()) == []


class TestOddOnes:
    def test_a_packed_fold_knows_what_was_written_into_a_message(self) -> None:
        """Rasa stores neither the entities a policy found, nor that it went by the words."""
        ours, stock = pair(tail=9)
        found = [e.DefinePrevUserUtteredFeaturization(True), e.EntitiesAdded([{"entity": "size", "value": "s"}])]
        play(ours, stock, [ActionExecuted("action_listen"), UserUttered("a", {"name": "greet"}), *found])
        play(ours, stock, [ActionExecuted("utter_hi"), ActionExecuted("action_listen")])
        events = dict(enumerate(ours.events, 1))
        ours.fold.let_go(next(i for i, step in enumerate(ours.fold.steps) if str(step.event) == "utter_hi"))
        packed = trackers.decode(trackers.encode(fold_snapshot.pack(ours.fold)))
        fresh = StoredTracker("x", DOMAIN.slots, past=Past(tail=9))
        fold_snapshot.unpack(fresh.fold, packed, events, deserialise)
        for step in fresh.fold.steps:
            step.records.clear()
        for question in QUESTIONS:
            assert fresh.past_states(DOMAIN, *question) == stock.past_states(DOMAIN, *question)
        assert facts(fresh.copy())["latest_message"] == facts(stock)["latest_message"]

    def test_a_loop_that_nobody_knew_for_one_is_read_as_one_from_the_start(self) -> None:
        ours, stock = pair()
        form = ActionExecuted("order_form")
        play(ours, stock, [ActionExecuted("action_listen"), *said("a"), form, ActionExecuted("action_listen")])
        play(
            ours, stock, [*said("b"), form, ActionExecuted("action_listen"), ActiveLoop("order_form"), *said("c"), form]
        )

    def test_a_new_session_does_not_know_what_was_written_into_the_one_before(self) -> None:
        ours, stock = pair()
        listen = ActionExecuted("action_listen")
        play(ours, stock, [listen, e.EntitiesAdded([{"entity": "size", "value": "s"}]), SessionStarted(), listen])

    def test_a_copy_goes_its_own_way(self) -> None:
        ours, stock = pair()
        play(ours, stock, [ActionExecuted("action_listen"), *said("a"), SlotSet("size", "s")])
        twin = ours.copy()
        twin.update(SlotSet("size", "large"))
        twin.update(e.UserUtteranceReverted())
        must_agree(ours, stock)

    def test_of_a_policy_that_may_look_at_all_everything_is_kept(self) -> None:
        ours, _ = pair(tail=None)
        for turn in itertools.islice(Talk(9, sessions=False), 60):
            play_on(ours, turn)
        before = len(ours.events)
        ours.let_go(20)
        assert len(ours.events) == before
        assert ours.whole

    def test_essence_is_the_last_of_each_kind_in_order(self) -> None:
        events = [SlotSet("a", 1), SlotSet("b", 1), SlotSet("a", 2), e.AllSlotsReset(), SlotSet("b", 2)]
        assert texts(list(essence(events))) == texts(events[2:])


def said(text: str) -> list[Event]:
    return [
        UserUttered(text, {"name": "inform"}, input_channel="whatsapp"),
        e.DefinePrevUserUtteredFeaturization(False),
    ]


def asked() -> list[Event]:
    return [SlotSet("requested_slot", "size"), e.BotUttered("?"), ActionExecuted("action_listen")]
