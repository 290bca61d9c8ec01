"""`bench llm`: a short seeded run on the real processes, and what its judge counts."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
from typing import Any

import pytest

from bench.thinking import judge
from bench.thinking.judge import Round
from bench.thinking.models import HANGS, Asked

ROOT = pathlib.Path(__file__).parents[2]
SHORT = ["--hanging", "18", "--each", "1", "--beside", "3", "--rounds", "2", "--takes", "4", "--timeout-s", "9"]


@pytest.mark.slow
def test_with_all_guards_in_place_nobody_is_left_alone_held_up_or_spoken_over(trained_project: pathlib.Path) -> None:
    """With the model of a copy that is surely trained: here there may be none."""
    given = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-m", "bench", "llm", "--project", str(trained_project), *SHORT],
        cwd=ROOT,
        env={**given, "BATON_LIGHT": "1"},
        capture_output=True,
        text=True,
        timeout=280,
    )
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])

    assert done.returncode == 0, (figures, done.stderr[-2000:])
    assert {name: figures[name] for name in judge.PROMISES} == dict.fromkeys(judge.PROMISES, 0)
    assert figures["takes"] == 4
    assert figures["during"] > 0


def asked(model: str, received_ns: int, ended_ns: int | None) -> Asked:
    return Asked(model=model, text="oi", received_ns=received_ns, ended_ns=ended_ns)


def test_held_up_is_who_had_time_to_be_answered_and_was_only_after_the_first_of_the_hanging_was_given_up() -> None:
    hung = [asked(HANGS, 100, 300), asked(HANGS, 120, 200), asked("slow", 10, 20), asked(HANGS, 130, None)]
    window = judge.hanging(hung)
    assert window is not None
    assert (window.from_ns, window.half_ns, window.until_ns) == (100, 150, 200)
    rounds = [
        Round(said_ns=110, answered_ns=120),
        Round(said_ns=130, answered_ns=250),
        Round(said_ns=140, answered_ns=None),
        Round(said_ns=160, answered_ns=250),
    ]
    assert (len(judge.during(rounds, window)), judge.held_up(rounds, window)) == (3, 2)
    assert judge.hanging([asked("slow", 10, 20), asked(HANGS, 100, None)]) is None


@pytest.mark.parametrize("name", judge.PROMISES)
def test_each_promise_that_broke_is_said_with_its_figure(name: str) -> None:
    figures: dict[str, object] = {**dict.fromkeys(judge.PROMISES, 0), name: 3}
    assert judge.broken(figures) == [f"3 {judge.PROMISES[name]}"]
