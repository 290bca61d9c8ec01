"""`bench accept`, `stock` and `startup`, short and seeded: promises hold, and each removed guard is seen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bench.load import bodies, memory
from bench.load.posting import Posted, Webhook
from bench.load.sides import Arrival, Told
from tests.another_guard import another_guard

ROOT = Path(__file__).resolve().parents[2]
ACCEPT = ["accept", "--at-once", "8", "--seconds", "0.3", "--killed", "150", "--customers", "20", "--seed", "5"]
STOCK = ["stock", "--no-stock", "--dialogue", "scripted", "--at-once", "4", "--messages", "8", "--seconds", "1"]


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code, and the figures: the last line on stdout."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=240
    )
    assert done.stdout, done.stderr[-2000:]
    figures = json.loads(done.stdout.splitlines()[-1])
    assert "error" not in figures, (figures, done.stderr[-2000:])
    return done.returncode, figures


@pytest.mark.slow
def test_what_got_a_200_is_there_once_after_a_kill_and_metas_repetitions() -> None:
    code, figures = run(*ACCEPT, "--no-worker")

    assert (code, figures["broken"]) == (0, [])
    assert (figures["lost"], figures["twice"]) == (0, 0)
    assert figures["durability"]["journal_mode"] == "wal" and figures["durability"]["synchronous"] == "2"
    killed = figures["killed"]
    assert killed["accepted_before"] and killed["under_way"] and killed["accepted_after"], "the kill was in the middle"
    assert figures["steps"][0]["raw_per_s"] > 0


@pytest.mark.guard
@pytest.mark.slow
@pytest.mark.parametrize(("guard", "seen_as"), [("early-200", "lost"), another_guard("no-key", "twice")])
def test_accepting_without_a_guard_is_reported_and_exit_1(guard: str, seen_as: str) -> None:
    code, figures = run(*ACCEPT, "--no-worker", "--sabotage", guard)

    assert code == 1
    assert figures[seen_as] > 0, figures


@pytest.mark.slow
def test_ours_loses_and_doubles_nothing_where_stock_would() -> None:
    code, figures = run(*STOCK)

    assert (code, figures["broken"]) == (0, [])
    ours = figures["ours"]
    assert ours["same_body_twice"] == {"messages": 10, "answered": 10, "lost": 0, "doubled": 0}
    assert ours["bodies_of_three"] == {"messages": 15, "answered": 15, "lost": 0, "doubled": 0}
    assert ours["killed"]["answered"] == 60 and ours["killed"]["answered_before"] < 60


@pytest.mark.guard
@pytest.mark.slow
def test_a_body_that_comes_twice_is_answered_twice_without_its_key() -> None:
    code, figures = run(*STOCK, "--sabotage", "no-key", "--parts", "same_body_twice")

    assert code == 1
    assert figures["ours"]["same_body_twice"]["doubled"] > 0


@pytest.mark.slow
def test_a_start_is_timed_with_its_memory() -> None:
    code, figures = run("startup", "--rounds", "1", "--answers", "0", "--only", "emulator,gateway")

    assert code == 0
    assert figures["starts"].keys() == {"emulator", "gateway"}
    assert all(each["seconds"] > 0 and each["resident_mb"] > 10 for each in figures["starts"].values())


def webhook(key: str) -> Webhook:
    return Webhook(id=f"wamid.{key}", customer=key, key=key, body="{}", headers={})


def posted(key: str) -> Posted:
    return Posted(webhook=webhook(key), scheduled_ns=1, sent_ns=1, answered_ns=2, status=200)


def test_one_answer_too_many_does_not_make_up_for_one_that_is_missing() -> None:
    arrivals = [Arrival(customer="a", at_ns=10), Arrival(customer="a", at_ns=20)]

    told = Told(wanted=Counter("ab"), posted=[posted("a"), posted("b")], arrivals=arrivals)

    assert (told.answered, told.lost, told.doubled) == (1, 1, 1)


def test_a_repetition_comes_after_what_it_repeats() -> None:
    webhooks = [webhook(str(n)) for n in range(100)]

    mixed = bodies.with_repetitions(webhooks, share=0.2, seed=1)

    assert Counter(Counter(each.id for each in mixed).values()) == {1: 80, 2: 20}
    assert [each for n, each in enumerate(mixed) if each not in mixed[:n]] == webhooks


def test_the_processor_time_of_a_process_is_told_where_linux_tells_it() -> None:
    mine = memory.cpu_s(os.getpid())

    assert mine is None or mine > 0
    assert memory.cpu_s(2**22 + 1) is None
