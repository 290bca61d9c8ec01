"""`bench errors`, on the few codes that need no long wait: what must follow does, and each policy taken out is seen."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
from typing import Any

import pytest

from bench.refusing import expected, playing
from bench.refusing.expected import Case, Follows
from bench.refusing.playing import Seen
from tests.another_guard import another_guard

ROOT = pathlib.Path(__file__).parents[2]
QUICK = "131000,130429,131056,131047,10/2018278,100/2018008,987654,200 then failed with 131056"


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code, and the figures: the last line on stdout."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", "errors", *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    figures = json.loads(done.stdout.splitlines()[-1])
    assert "error" not in figures, (figures, done.stderr)
    return done.returncode, figures


@pytest.mark.slow
def test_each_error_is_followed_by_what_must_follow() -> None:
    code, figures = run("--only", QUICK)

    assert (code, figures["broken"]) == (0, [])
    assert figures["as_expected"] == figures["codes"] == 8


@pytest.mark.guard
@pytest.mark.slow
@pytest.mark.parametrize(
    ("sabotage", "only", "differs"),
    [
        ("stop-burns", "190", {"requests", "final", "wait_s", "others", "fault", "alert"}),
        another_guard("pair-stops", "131056", {"others"}),
        another_guard("throttle-burns", "130429 more often than tries", {"requests", "final"}),
    ],
)
def test_a_policy_taken_out_is_seen(sabotage: str, only: str, differs: set[str]) -> None:
    code, figures = run("--sabotage", sabotage, "--only", only)

    assert code == 1
    assert differs <= set(figures["rows"][0]["differs"])


SENT = Follows(requests=2, final="sent", waits_s=(4.0,), alert=None)


@pytest.mark.parametrize(
    ("seen", "told", "differs"),
    [
        ({}, [], []),
        ({"requests": 1}, [], ["requests"]),
        ({"final": "refused"}, ["failed"], ["final", "alert"]),
        ({"waits_s": (2.9,)}, [], ["wait_s"]),
        ({"waits_s": (36.0,)}, [], ["wait_s"]),
        ({"waits_s": ()}, [], ["wait_s"]),
        ({"others": "wait"}, [], ["others"]),
        ({"fault": True}, [], ["fault"]),
        ({"mended": False}, [], ["mended"]),
    ],
)
def test_whatever_differs_is_named(seen: dict[str, Any], told: list[str], differs: list[str]) -> None:
    case = Case(name="131056", kind="pair throttle", code=131056, follows=SENT)
    usual: dict[str, Any] = {
        "conversation_id": "cnv",
        "requests": 2,
        "final": "sent",
        "waits_s": (4.1,),
        "others": "go on",
        "fault": False,
        "mended": True,
    }
    assert playing.differences(case, Seen(**{**usual, **seen}), told) == differs


def test_no_two_rows_have_the_same_name_and_each_channel_has_every_code() -> None:
    names = {channel: [case.name for case in expected.cases(channel)] for channel in ("whatsapp", "messenger")}
    assert all(len(set(each)) == len(each) for each in names.values())
    assert set(names["messenger"]) < set(names["whatsapp"])
