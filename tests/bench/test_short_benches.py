"""The benches themselves, short and seeded, on the whole product with a scripted dialogue: promises, never timings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app import settings
from bench.harness import state
from bench.harness.journal import Request
from bench.harness.state import Cast
from bench.load import counting, customers, memory
from bench.load.posting import Posted, Webhook

ROOT = Path(__file__).resolve().parents[2]


def run_bench(*arguments: str) -> tuple[int, dict[str, Any]]:
    """As a user would; its exit code and its last line."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=240
    )
    lines = done.stdout.splitlines()
    assert lines, done.stderr[-2000:]
    return done.returncode, json.loads(lines[-1])


@pytest.mark.slow
def test_at_a_steady_rate_every_accepted_message_is_kept_and_answered_once() -> None:
    code, figures = run_bench(
        *(
            "ack",
            "--dialogue",
            "scripted",
            "--rate",
            "20",
            "--seconds",
            "2",
            "--customers",
            "7",
            "--drain",
            "--seed",
            "3",
        )
    )

    assert figures["broken"] == []
    assert code == 0
    assert figures["posted"] == figures["accepted"] == figures["answered"] == 40
    assert (figures["not_kept"], figures["lost"], figures["doubled"]) == (0, 0, 0)
    assert figures["customers"] == 7
    assert figures["raw"]["accepted"] == 40
    assert figures["ack_ms"]["n"] == 40


@pytest.mark.slow
def test_a_slow_graph_api_loses_and_doubles_nothing() -> None:
    code, figures = run_bench(
        *(
            "slow-graph",
            "--dialogue",
            "scripted",
            "--no-stock",
            "--ms",
            "300",
            "--rate",
            "10",
            "--seconds",
            "2",
            "--seed",
            "3",
        )
    )

    assert figures["broken"] == []
    assert code == 0
    assert [phase["latency_ms"] for phase in figures["ours"]] == [0, 300, 0]
    for phase in figures["ours"]:
        assert phase["posted"] == phase["accepted"] == phase["answered"] == 20
        assert (phase["not_kept"], phase["lost"], phase["doubled"]) == (0, 0, 0)
        assert phase["all_settled"]
    assert figures["ours"][1]["ack_ratio"].keys() == {"p50", "p95", "p99"}
    assert figures["stock"] is None


def webhook(key: str) -> Webhook:
    return Webhook(id=f"wamid.{key}", customer="551", key=key, body="{}", headers={})


def posted(key: str, status: int = 200) -> Posted:
    return Posted(webhook=webhook(key), scheduled_ns=1, sent_ns=1, answered_ns=2, status=status)


def request(text: str, *, n: int, opaque: str, kind: str = "text") -> Request:
    return Request(
        n=n,
        received_ns=n,
        answered_ns=n + 1,
        account="1",
        kind=kind,
        to="551",
        text=text,
        opaque=opaque,
        message_id=None,
    )


def test_a_missing_answer_is_counted_as_lost_even_beside_one_too_many() -> None:
    requests = [request("bot: message #1", n=1, opaque="1"), request("bot: message #1", n=2, opaque="2")]

    found = counting.answers(requests, [posted("1"), posted("2")], scripted=True)

    assert (found.answered, found.lost, found.doubled) == (1, 1, 1)


def test_the_same_outbox_row_asked_for_twice_is_a_doubled_answer() -> None:
    requests = [request("bot: message #1", n=1, opaque="7"), request("bot: message #1", n=2, opaque="7")]

    found = counting.answers(requests, [posted("1")], scripted=True)

    assert (found.doubled, found.repeated) == (1, 1)


def test_a_refused_webhook_need_not_be_answered_but_may_be_once() -> None:
    refused = [posted("1", status=503)]

    assert counting.answers([], refused, scripted=True).lost == 0
    assert counting.answers([request("#1", n=1, opaque="1")], refused, scripted=True).doubled == 0


def test_a_read_receipt_is_no_answer() -> None:
    read = request("", n=1, opaque="1", kind="read")

    assert not customers.is_answer(read)
    assert counting.answers([read], [posted("551")], scripted=False).lost == 1


def test_memory_is_that_of_the_process_asked_about() -> None:
    mine = memory.resident_mb(os.getpid())

    assert mine is None or mine > 5
    assert memory.sum_mb([os.getpid(), 2**22 + 1]) is None


async def test_an_accepted_message_that_is_not_in_the_database_is_seen(tmp_path: Path) -> None:
    chosen = settings.read({"BATON_HOME": str(tmp_path)})
    state.prepare(chosen, Cast())
    ledger = counting.Ledger(chosen)

    not_kept = await ledger.not_kept([posted("1"), posted("2", status=503)])
    ledger.close()

    assert not_kept == 1
