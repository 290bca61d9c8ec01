"""`bench schema`: a short, seeded run on the running product; and a planted fault of each kind is seen."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.another_guard import another_guard

ROOT = Path(__file__).resolve().parents[2]
FIGURES = ("five_xx", "undocumented", "accepted_bad", "unguarded")


def run_bench(*arguments: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "schema", "--seed", "7", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    lines = done.stdout.splitlines()
    assert lines, done.stderr[-2000:]
    figures: dict[str, Any] = json.loads(lines[-1])
    assert "error" not in figures, done.stderr[-2000:]
    return done.returncode, figures


@pytest.mark.slow
def test_the_running_api_answers_as_its_description_says() -> None:
    code, figures = run_bench("--examples", "1", "--only", "requests")

    assert (code, figures["broken"]) == (0, [])
    assert figures["operations"] == 4 and figures["cases"] > 100
    assert {"200", "400", "401", "404"} <= set(figures["statuses"])


@pytest.mark.guard
@pytest.mark.slow
@pytest.mark.parametrize(
    ("sabotage", "only", "broken"),
    [
        another_guard("odd-input-fails", "POST /api/v1/canned", "five_xx"),
        another_guard("odd-status", "GET /api/v1/requests/", "undocumented"),
        another_guard("any-body", "conversation_id}/take", "accepted_bad"),
        ("no-token", "GET /api/v1/canned", "unguarded"),
    ],
)
def test_a_planted_fault_is_seen(sabotage: str, only: str, broken: str) -> None:
    code, figures = run_bench("--examples", "1", "--only", only, "--sabotage", sabotage)

    assert code == 1
    assert {name for name in FIGURES if figures[name]} == {broken}
