"""`bench same` and `bench history`, short and seeded: as with stock Rasa, and each removed guard is seen."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bench.talks import comparing, desk, sabotage
from bench.talks.clock import OffsetClock, read_by_rasa
from bench.talks.customer import Customer
from bench.talks.script import CYCLE, Past, stamped
from runtime.channel import Utterance

if TYPE_CHECKING:
    from bench.talks.ours import OurDesk
    from bench.talks.stock import StockDesk

# Stock Rasa and what it is built on warn of much that is not ours.
pytestmark = pytest.mark.filterwarnings("ignore")

ROOT = Path(__file__).resolve().parents[2]
SEED = 4
#: Of this seed's talks: some as they are, and for each guard another whose course hangs on it.
TALKS = (2, 4, 5, 7)
HANGS_ON = {"endless-session": 8, "no-slots-in-snapshot": 13, "no-undo": 1, "short-tail": 0, "window": 3}


@dataclass(frozen=True, kw_only=True)
class Desks:
    """Both sides, and the loop they live on."""

    stock: StockDesk
    ours: OurDesk
    clock: OffsetClock
    run: Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    from bench.talks import ours, stock

    home, clock, model = tmp_path_factory.mktemp("desks"), OffsetClock(), desk.model()
    loop, stack = asyncio.new_event_loop(), contextlib.AsyncExitStack()

    async def enter() -> Desks:
        stack.enter_context(read_by_rasa(clock))
        url = await stack.enter_async_context(stock.action_server(home))
        our_desk = await stack.enter_async_context(ours.opened(home, model, clock))
        return Desks(stock=stock.StockDesk(home, model, url), ours=our_desk, clock=clock, run=loop.run_until_complete)

    try:
        yield loop.run_until_complete(enter())
    finally:
        loop.run_until_complete(stack.aclose())
        loop.close()


def talk(desks: Desks, number: int) -> Any:
    from bench.talks.talk import Talks

    return desks.run(Talks(desks.stock, desks.ours, desks.clock).have(SEED, number))


def bench(*arguments: str) -> tuple[int, dict[str, Any]]:
    """As a user would; its exit code and its last line."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=280
    )
    lines = done.stdout.splitlines()
    assert lines, done.stderr[-2000:]
    figures = json.loads(lines[-1])
    assert "error" not in figures, (figures, done.stderr[-2000:])
    return done.returncode, figures


@pytest.mark.slow
@pytest.mark.parametrize("number", TALKS)
def test_a_random_talk_goes_as_with_stock_rasa(desks: Desks, number: int) -> None:
    outcome = talk(desks, number)

    assert outcome.difference is None
    assert outcome.events > 20


@pytest.mark.slow
@pytest.mark.guard
@pytest.mark.parametrize("guard", sabotage.SABOTAGES)
def test_a_talk_that_hangs_on_a_guard_goes_otherwise_without_it(desks: Desks, guard: str) -> None:
    with sabotage.of(guard):
        outcome = talk(desks, HANGS_ON[guard])

    assert outcome.difference is not None


@pytest.mark.slow
def test_after_a_long_history_what_is_stored_is_the_same_and_without_a_guard_is_not(desks: Desks) -> None:
    from bench.talks import past
    from bench.talks.lengths import Length, Measuring

    learned = desks.run(past.learned(desks.ours, "5511111111111"))
    measuring = Measuring(desks.ours, desks.stock, learned, stock_limit_s=60)
    length, sabotaged = Length(events=300), Length(events=300)
    desks.run(measuring.round(length, 0))
    with sabotage.of("no-undo"):
        desks.run(measuring.round(sabotaged, 0))

    assert length.difference is None
    assert sum(length.compared.values()) > 40
    assert all(len(length.ours.warm[n]) == len(length.stock.warm[n]) == 1 for n in range(len(CYCLE)))
    assert sabotaged.difference is not None


@pytest.mark.slow
def test_the_history_bench_says_what_it_measured() -> None:
    code, figures = bench("history", "--lengths", "10,300", "--rounds", "1", "--sessions", "3")

    assert figures["broken"] == []
    assert code == 0
    assert figures["lengths"]["300"]["ours"]["turns"] == figures["lengths"]["300"]["stock"]["turns"] == len(CYCLE)
    assert figures["lengths"]["300"]["ours"]["live_tracker_mb"] > 0
    assert figures["longest_to_shortest"]["events"] == [300, 10]
    assert figures["sessions"]["3"]["ours"]["rows"] < figures["sessions"]["3"]["stock"]["rows"]


@pytest.mark.slow
def test_a_difference_is_told_and_is_a_broken_promise() -> None:
    code, figures = bench("same", "--seed", str(SEED), "--only", str(HANGS_ON["no-undo"]), "--sabotage", "no-undo")

    assert code == 1
    assert (figures["conversations"], figures["different"]) == (1, 1)
    assert figures["differences"][0]["seed"] == f"{SEED}/{HANGS_ON['no-undo']}"
    assert "stock" in figures["differences"][0]["difference"]


def test_the_same_seed_is_the_same_customer() -> None:
    one, again, other = Customer("1/1"), Customer("1/1"), Customer("1/2")
    said = [one.says([]) for _ in range(20)]

    assert [again.says([]) for _ in range(20)] == said
    assert [other.says([]) for _ in range(20)] != said


def test_every_saying_of_the_customer_yaml_is_text() -> None:
    sayings = desk.sayings()
    lists = [sayings["openings"], sayings["ends"], sayings["odd"], *sayings["asked"].values()]

    assert all(isinstance(words, str) for each in lists for words in each)
    assert set(sayings["ends"]) <= set(sayings["openings"])


class TestComparing:
    def event(self, kind: str, **more: Any) -> dict[str, Any]:
        return {"event": kind, "timestamp": 1.0, "metadata": {"model_id": "a", "assistant_id": "desk"}, **more}

    def test_times_and_ids_are_set_aside_and_nothing_else(self) -> None:
        one = self.event("user", text="oi", message_id="x", parse_data={"intent": {"name": "greet"}, "message_id": "x"})
        other = {**one, "timestamp": 2.0, "message_id": "y", "metadata": {"model_id": "b", "assistant_id": "desk"}}

        assert comparing.plain([one], {}) == comparing.plain([other], {})
        changes: list[dict[str, Any]] = [
            {"text": "olá"},
            {"parse_data": {"intent": {"name": "deny"}}},
            {"metadata": {}},
        ]
        for change in changes:
            assert comparing.plain([one], {}) != comparing.plain([{**one, **change}], {})

    def test_at_a_session_start_what_the_slots_come_to_is_compared(self) -> None:
        start, listen = self.event("session_started"), self.event("action", name="action_listen")

        def slot(value: Any) -> dict[str, Any]:
            return self.event("slot", name="city", value=value)

        many = comparing.plain([start, slot("Rome"), slot("Oslo"), listen], {"city": None})
        assert many == comparing.plain([start, slot("Oslo"), listen], {"city": None})
        assert many != comparing.plain([start, slot("Rome"), listen], {"city": None})
        emptied = comparing.plain([start, slot("Rome"), slot(None), listen], {"city": None})
        assert emptied == comparing.plain([start, listen], {"city": None})

    def test_slots_set_later_are_compared_one_by_one(self) -> None:
        talk = [self.event("session_started"), self.event("action", name="action_listen")]
        one = [*talk, self.event("slot", name="city", value="Rome"), self.event("slot", name="city", value="Oslo")]

        assert comparing.plain(one, {}) != comparing.plain([*talk, one[-1]], {})

    def test_a_missing_or_a_further_one_is_a_difference(self) -> None:
        assert comparing.first_difference([1, 2], [1, 2]) is None
        assert comparing.first_difference([1, 2], [1]) == "number 1: stock 2, ours nothing"
        assert comparing.first_difference([1], [1, 2]) == "number 1: stock nothing, ours 2"

    def test_an_utterance_is_compared_in_all_its_parts(self) -> None:
        button = {"title": "a", "payload": "/a"}
        sent = {"text": "Oi", "buttons": [button], "quick_replies": None, "utter_action": "utter_greet"}
        ours = Utterance(text="Oi", buttons=[button], image=None, attachment=None, elements=[], custom={})

        assert comparing.of_stock(sent) == comparing.of_ours(ours)
        assert comparing.of_stock({**sent, "image": "i"}) != comparing.of_ours(ours)
        assert comparing.of_stock({**sent, "custom": {"a": 1}}) != comparing.of_ours(ours)


def test_a_past_is_as_long_as_asked_and_ends_where_a_turn_did() -> None:
    events = [{"event": "action", "name": str(n)} for n in range(30)]
    past = Past(begun=events, again=events[20:], ends=[7, 12, 30])

    assert [len(past.of(length)) for length in (5, 10, 30, 64, 1000)] == [7, 12, 30, 60, 1000]
    told = list(stamped(events, "key", until=100.0))
    assert [event["timestamp"] for event in told] == sorted(event["timestamp"] for event in told)
    assert told[-1]["timestamp"] < 100.0
