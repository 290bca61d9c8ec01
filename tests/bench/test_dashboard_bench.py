"""`bench dashboard`: a seeded part of what a dashboard asks, on the running product; planted faults are seen."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.dashboards import contract, kinds, readers, sockets
from bench.dashboards.rows import Row
from tests.another_guard import another_guard

ROOT = Path(__file__).resolve().parents[2]


def run_bench(*arguments: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "dashboard", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    lines = done.stdout.splitlines()
    assert lines, done.stderr[-2000:]
    figures: dict[str, Any] = json.loads(lines[-1])
    assert "error" not in figures, done.stderr[-2000:]
    return done.returncode, {**figures, "told": done.stderr}


@pytest.mark.slow
def test_what_the_dashboard_asks_is_met() -> None:
    code, figures = run_bench("--part", "5", "--seed", "3")

    assert (code, figures["unmet"]) == (0, []), figures["told"][-4000:]
    assert figures["rows"] > 30 and figures["sockets"] > 3 and figures["not_yet"]


@pytest.mark.guard
@pytest.mark.slow
@pytest.mark.parametrize(
    ("sabotage", "only", "told"),
    [
        another_guard("bare-list", "GET /whatsapp/accounts/", "no list in its envelope"),
        another_guard("no-mode", "handover/conversations/{talk}/handover/human/", "the list says mode auto"),
        another_guard("null-date", "GET /conversations/{talk}/messages/", "no date with an offset"),
        ("token-shown", "PATCH /whatsapp/accounts/{spare}/", "a token or a key stands in the answer"),
        another_guard("cors-closed", "GET /notifications/unread_count/", "the preflight is answered 403"),
    ],
)
def test_a_planted_fault_is_seen(sabotage: str, only: str, told: str) -> None:
    code, figures = run_bench("--only", only, "--sabotage", sabotage)

    assert code == 1 and figures["unmet"]
    assert told in figures["told"]


def test_every_row_is_told_from_the_others_and_what_is_later_is_in_both_generations() -> None:
    labels = [*(f"{row.label} on {row.on}" for row in contract.rows()), *(row.label for row in sockets.rows())]
    later = {row.ask for row in contract.rows() if row.mark == "501"}

    assert len(labels) == len(set(labels)) > 200
    assert all(row.status == (501,) for row in contract.rows() if row.mark == "501")
    assert {ask.replace(" /messenger/", " /messaging/messenger/") for ask in later} <= later


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (kinds.date, "2026-11-23T10:00:00.000+00:00", "2026-11-23T10:00:00"),
        (kinds.date, "2026-11-23T10:00:00Z", None),
        (kinds.full, "a", ""),
        (kinds.flag, False, 0),
        (kinds.whole, 0, None),
        (kinds.number, 0.5, True),
        (kinds.one_of(True), True, 1),
        (kinds.maybe(kinds.text), None, 1),
        (kinds.of(id=kinds.full), {"id": "a", "more": 1}, {}),
        (kinds.array(kinds.text), ["a"], {"results": ["a"]}),
        (kinds.array(kinds.text), ["a"], []),
        (kinds.envelope(kinds.text), {"count": 1, "next": None, "previous": None, "results": ["a"]}, ["a"]),
        (
            kinds.envelope(kinds.text),
            {"count": 1, "next": None, "previous": None, "results": ["a"]},
            {"results": ["a"]},
        ),
        (
            kinds.array(kinds.things, newest="at"),
            [{"at": "2026-11-23T11:00:00Z"}, {"at": "2026-11-23T12:00:00+02:00"}],
            [{"at": "2026-11-23T10:00:00Z"}, {"at": "2026-11-23T11:00:00Z"}],
        ),
    ],
)
def test_a_kind_tells_what_a_page_can_read_from_what_it_cannot(kind: kinds.Kind, good: Any, bad: Any) -> None:
    assert list(kind(good, "it")) == []
    assert list(kind(bad, "it")) != []


@pytest.mark.parametrize(
    ("body", "one_word", "unheard"),
    [
        ({"detail": "It is gone.", "error": {"code": "not_found", "message": "It is gone."}}, False, []),
        ({"detail": "It is gone.", "error": "It is gone."}, True, []),
        ({"error": {"code": "not_found", "message": "It is gone."}}, False, ["agents"]),
        ({"detail": "It is gone.", "error": {"code": "gone", "message": "It is gone."}}, True, ["one word"]),
        ({"error": "It is gone."}, False, ["oldest"]),
        ({"code": 404}, False, ["newest", "oldest", "agents"]),
    ],
)
def test_words_of_a_refusal_are_where_each_page_looks_for_them(body: Any, one_word: bool, unheard: list[str]) -> None:
    assert readers.unreadable(body, path="/conversations/", is_one_word=one_word) == unheard


def test_a_row_is_called_by_what_it_asks() -> None:
    row = Row(ask="GET /a/{talk}/", mark="R", query={"page": "1"}, note="twice")

    assert (row.method, row.path, row.label) == ("GET", "/a/{talk}/", "GET /a/{talk}/?page=1 (twice)")
