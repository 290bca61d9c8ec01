"""The benches of handover, short and seeded: all holds with the guards in place, and each that is removed is seen."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from bench.exploring import commands, moves, paths, promises, search
from bench.exploring.moves import Guards, Move
from bench.exploring.world import World
from conversation import handover
from conversation.conversation import HandoverState, Status
from conversation.handover import Cell, Command
from store import handovers, mailbox, outbox, requests
from store.database import Database
from tests import services
from tests.another_guard import another_guard

ROOT = pathlib.Path(__file__).parents[2]


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code, and the figures: the last line on stdout."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    figures = json.loads(done.stdout.splitlines()[-1])
    assert "error" not in figures, (figures, done.stderr)
    return done.returncode, figures


def test_no_path_without_a_customers_message_breaks_a_promise() -> None:
    found = search.explore(Guards(), messages=0)

    assert (found.violations, found.unowned) == (0, 0), found.ways
    assert found.states > 500 and found.transitions > 10_000
    assert {"take", "reply", "echo", "removed", "expiry", "idle", "snooze", "wake", "reject"} <= set(found.met)


@pytest.mark.slow
def test_no_path_with_a_message_its_turn_and_its_answer_breaks_a_promise() -> None:
    code, figures = run("explore", "--messages", "1")

    assert code == 0, figures
    assert (figures["violations"], figures["unowned"]) == (0, 0)
    assert figures["states"] > 20_000


@pytest.mark.guard
@pytest.mark.parametrize("sabotage", moves.SABOTAGES)
def test_each_removed_guard_is_found_by_a_shortest_way(sabotage: str) -> None:
    promise = moves.FOUND_BY[sabotage]

    found = search.explore(moves.SABOTAGES[sabotage], messages=1, stop_at=promise)

    assert promise in found.ways
    assert len(found.ways[promise]) <= 5


def test_a_table_that_gives_back_to_a_mute_assistant_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    cell = (HandoverState.PENDING, Status.OPEN, Command.CANCEL)
    monkeypatch.setitem(handover.TABLE, cell, Cell(state=HandoverState.BOT))
    commands.forget_the_table()
    try:
        found = search.explore(Guards(), messages=0, stop_at="handed_to_a_mute_assistant")
    finally:
        commands.forget_the_table()

    way = found.ways["handed_to_a_mute_assistant"]
    assert [move.what for move in way][-1] == "cancel" and "switch" in [move.what for move in way]


def test_two_who_believe_that_it_is_theirs_break_a_promise() -> None:
    world = World(state=HandoverState.HUMAN, owner="ben", holders=frozenset({"ana", "ben"}))

    assert "second_owner" in list(promises.broken(world))


@services.on_each_kind
def test_random_paths_through_the_real_sql_stand_where_the_model_says(db: Database) -> None:
    walked = paths.walk(db, paths=60, steps=12, seed=7)

    assert walked.apart == []
    assert walked.paths == 60 and walked.steps == 720
    assert walked.refusals > 50
    assert {"take", "claim", "commit", "echo", "removed", "give", "to_team"} <= set(walked.met)


@pytest.mark.parametrize(
    ("module", "name", "broken"),
    [
        (handovers, "refresh_deadlines", lambda *_: None),
        (mailbox, "mark_seen_by_person", lambda *_: None),
        (outbox, "withdraw_bot_rows", lambda *_: 0),
        (requests, "end", lambda *_, **__: None),
    ],
)
def test_a_store_that_leaves_something_out_parts_from_the_model(
    db: Database, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, broken: Callable[..., Any]
) -> None:
    monkeypatch.setattr(module, name, broken)

    assert paths.walk(db, paths=50, steps=12, seed=3).apart != []


def test_a_move_reads_as_who_does_what() -> None:
    assert str(Move("give", "ana", "ben")) == "ana give ben"


@pytest.mark.slow
def test_of_many_who_take_at_once_one_wins_and_the_others_hear_who() -> None:
    code, figures = run("race", "--times", "5", "--operators", "20")

    assert code == 0, figures
    assert figures["winners"] == {"1": 5}
    assert sum(figures["refusals"].values()) == 5 * 19


@pytest.mark.guard
@pytest.mark.slow
def test_more_than_one_winner_is_seen() -> None:
    code, figures = run("race", "--times", "2", "--operators", "10", "--sabotage", "no-owner")

    assert code == 1
    assert figures["not_one_winner"] == 2


@pytest.mark.slow
def test_takes_while_the_sender_stands_still_leak_nothing() -> None:
    code, figures = run("takeover", "--takes", "12", "--conversations", "6", "--graph-ms", "0,50", "--stopped", "2")

    assert code == 0, figures
    assert (figures["leaked"], figures["lost"], figures["doubled"]) == (0, 0, 0)
    assert figures["places"]["sender_stopped"] == 2
    assert figures["waits"]["takes"] > 0


NIGHT = ("night", "--conversations", "60", "--step", "10", "--seed", "2")


@pytest.mark.slow
def test_after_a_night_and_the_next_opening_nobody_is_stranded() -> None:
    code, figures = run(*NIGHT)

    assert code == 0, figures
    assert (figures["stranded"], figures["untold_at_the_end"]) == (0, 0)
    assert figures["pending_alone"] > 0 and figures["cuts"] > 0 and figures["restarts"] > 0
    assert figures["vanished"] > 0 and figures["removed"] > 0


@pytest.mark.guard
@pytest.mark.slow
@pytest.mark.parametrize("guard", ["no-deadlines", another_guard("no-vanish")])
def test_a_night_without_its_rules_strands_somebody(guard: str) -> None:
    code, figures = run(*NIGHT, "--sabotage", guard)

    assert code == 1
    assert figures["stranded"] > 0


BURSTS = ("bursts", "--customers", "12", "--bursts", "3", "--seed", "1")


@pytest.mark.slow
def test_bursts_are_one_turn_each_and_nothing_is_lost_doubled_or_said_over_a_person() -> None:
    code, figures = run(*BURSTS)

    assert code == 0, figures
    assert figures["joined_turns"] > 0 and figures["takes_of_open_windows"] > 0 and figures["ends"]
    assert figures["parked"] > 0 and figures["switched_off"] > 0


@pytest.mark.guard
@pytest.mark.slow
def test_bursts_that_are_not_fenced_are_answered_twice() -> None:
    code, figures = run(*BURSTS, "--sabotage", "no-fence")

    assert code == 1
    assert figures["twice"] > 0
