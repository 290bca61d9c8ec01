"""`bench takeover` and `bench switch-off`: short seeded runs on the real processes, and each removed guard is seen."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections import Counter
from typing import Any

import pytest

from bench import switch_off, takeover
from bench.harness import silence
from bench.harness.journal import Request
from bench.harness.moments import Place
from bench.harness.silence import Silence
from tests.another_guard import another_guard

ROOT = pathlib.Path(__file__).parents[2]
#: Of these seeds' few moments each guard's own are several, and none is one of the long ones.
SHORT = {
    "takeover": ["--takes", "36", "--conversations", "12", "--seed", "191"],
    "switch-off": ["--times", "24", "--agents", "4", "--seed", "247"],
}
NUMBER = "100000000000001"


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bench", *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(*arguments: str) -> tuple[int, dict[str, Any]]:
    """The exit code, and the figures: the last line on stdout."""
    with start(*arguments) as process:
        try:
            out, err = process.communicate(timeout=240)
        except BaseException:
            process.kill()  # to leave is to wait for it
            raise
    figures = json.loads(out.splitlines()[-1])
    assert "error" not in figures, (figures, err)
    return process.returncode, figures


def request(n: int, at: int, *, text: str | None = "hello", kind: str = "text", row: str | None = None) -> Request:
    return Request(
        n=n,
        received_ns=at,
        answered_ns=None,
        account=NUMBER,
        kind=kind,
        to="5511",
        text=text,
        opaque=row,
        message_id=None,
    )


def silent(*, in_flight: int = 0) -> Silence:
    return Silence(numbers=frozenset({NUMBER}), from_ns=100, until_ns=200, in_flight=in_flight, place="in_turn")


@pytest.mark.slow
@pytest.mark.parametrize("name", SHORT)
def test_nothing_leaks_and_nothing_is_lost_with_all_guards_in_place(name: str) -> None:
    code, figures = run(name, *SHORT[name])

    assert code == 0, figures
    assert (figures["leaked"], figures["stale"], figures["lost"], figures["doubled"]) == (0, 0, 0, 0)
    assert figures["answered"] > 0 and figures["recorded"] > 0
    assert sum(figures["places"].values()) == int(SHORT[name][1])
    assert all(figures["places"][place.value] for place in Place)


@pytest.mark.guard
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "guard"),
    [
        ("takeover", "no-fence"),
        another_guard("takeover", "no-gate-at-claim"),
        another_guard("takeover", "no-wait"),
        another_guard("switch-off", "no-fence"),
        another_guard("switch-off", "no-gate-at-claim"),
        ("switch-off", "no-wait"),
    ],
)
def test_a_removed_guard_is_reported_as_leaks_and_exit_1(name: str, guard: str) -> None:
    code, figures = run(name, *SHORT[name], "--sabotage", guard)

    assert code == 1
    assert figures["leaked"] > 0, figures


@pytest.mark.slow
@pytest.mark.parametrize(("guard", "taken"), [([], False), (["--sabotage", "own-echo-is-a-person"], True)])
def test_what_we_sent_is_never_taken_for_a_persons_where_the_channel_tells_us_of_it(
    guard: list[str], taken: bool
) -> None:
    code, figures = run("takeover", "--channel", "instagram", "--takes", "12", "--conversations", "4", *guard)

    assert code == int(taken), figures
    assert (figures["own_taken_for_person"] > 0) == taken
    assert (figures["leaked"], figures["stale"], figures["lost"], figures["doubled"]) == (0, 0, 0, 0)


@pytest.mark.slow
def test_ctrl_c_stops_everything_that_was_started() -> None:
    process = start("takeover", "--takes", "400", "--conversations", "4")
    assert process.stderr is not None
    began = process.stderr.readline()  # the first line of progress: all processes are up by then
    children = _children_of(process.pid)
    assert "takes begin" in began and len(children) == 3

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)

    assert process.returncode == 130
    deadline = time.monotonic() + 10
    while any(_is_running(child) for child in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [child for child in children if _is_running(child)] == []


@pytest.mark.parametrize("plan", [takeover.plan, switch_off.plan])
def test_the_same_seed_decides_the_same_and_reaches_every_place_often(plan: Any) -> None:
    rounds = plan(1, 1000)

    assert rounds == plan(1, 1000)
    assert rounds != plan(2, 1000)
    places = Counter(each.moment.place for each in rounds)
    assert all(places[place] >= 100 for place in Place if place is not Place.IDLE)


def test_a_request_of_the_assistants_within_a_silence_is_a_leak_whatever_its_kind() -> None:
    texts = [request(1, 99), request(2, 150), request(3, 250)]
    read = request(4, 160, text=None, kind="read")
    operators = request(5, 170, text="op: I am here")

    judged = silence.judge([*texts, read, operators], [silent()])

    assert judged.leaked == 2
    assert judged.leaked_kinds == {"text": 1, "read": 1}


def test_what_the_answer_said_was_in_flight_may_come_and_no_more() -> None:
    judged = silence.judge([request(1, 150), request(2, 160)], [silent(in_flight=1)])

    assert (judged.after_in_flight, judged.leaked) == (1, 1)


def test_an_answer_asked_for_before_the_silence_that_arrives_after_it_is_stale() -> None:
    old, new = request(1, 250, text="bot: a | asked 90 | 0"), request(2, 260, text="bot: b | asked 210 | 0")

    assert silence.judge([old, new], [silent()]).stale == 1


def test_a_second_request_for_a_row_or_a_second_answer_to_a_message_is_doubled() -> None:
    same_row = [request(1, 10, row="7"), request(2, 20, row="7")]
    same_message = [request(3, 30, text="bot: a | asked 5 | 0"), request(4, 40, text="bot: a | asked 25 | 0")]

    assert silence.judge([*same_row, *same_message], []).doubled == 2


def test_bench_alone_lists_the_benches_with_a_line_each() -> None:
    listed = subprocess.run([sys.executable, "-m", "bench"], cwd=ROOT, capture_output=True, text=True, check=True)

    assert "takeover" in listed.stdout and "switch-off" in listed.stdout
    assert "may arrive after" in listed.stdout


def test_a_bench_that_is_not_there_is_said_plainly() -> None:
    process = start("no-such-bench")
    _, err = process.communicate(timeout=30)

    assert process.returncode == 2
    assert "There is no bench no-such-bench." in err


def _children_of(pid: int) -> list[int]:
    text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def _is_running(pid: int) -> bool:
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
