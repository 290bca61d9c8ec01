"""`bench feed`: short seeded runs on the real processes, a removed guard is seen, and the judge finds what is wrong."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from bench.feeds import judging
from bench.feeds.follower import Follower
from bench.feeds.judging import Judged, Row
from tests.bench.test_takeover_bench import run

SHORT = ["--sockets", "24", "--drops", "40", "--seconds", "4", "--seed", "7"]
LISTED = [Row(key=1, account="a"), Row(key=2, account="b"), Row(key=3, account=None), Row(key=4, account="a")]


@pytest.mark.slow
def test_nothing_is_missed_twice_or_disordered_whatever_is_cut_killed_and_restarted() -> None:
    code, figures = run("feed", *SHORT)

    assert code == 0, figures
    assert (figures["missed"], figures["twice"], figures["disordered"], figures["not_theirs"]) == (0, 0, 0, 0)
    assert figures["drops"] == 40 and figures["resumed"] >= 30
    assert figures["told"] > 0 and all(figures["written"].values())


@pytest.mark.guard
@pytest.mark.slow
def test_events_told_under_the_ids_they_were_written_under_are_reported_as_missed_and_exit_1() -> None:
    code, figures = run("feed", *SHORT, "--sabotage", "number-by-id")

    assert code == 1
    assert figures["missed"] > 0, figures


def follower(read: list[int], *, start: int = 0, accounts: frozenset[str] | None = None) -> Follower:
    return Follower(url="", token="", accounts=accounts, committed_ns={}, start=start, read=read)


@pytest.mark.parametrize(
    ("read", "more", "found"),
    [
        ([1, 2, 3, 4], {}, {}),
        ([3, 4], {"start": 2}, {}),
        ([1, 3, 4], {"accounts": frozenset("a")}, {}),
        ([1, 2, 4], {}, {"missed": 1}),
        ([1, 2, 2, 3, 4], {}, {"twice": 1}),
        ([1, 3, 2, 4], {}, {"disordered": 1}),
        ([1, 2, 3, 4], {"accounts": frozenset("a")}, {"not_theirs": 1}),
    ],
)
def test_what_a_desk_read_is_held_against_the_list(read: list[int], more: Any, found: dict[str, int]) -> None:
    judged = judging.judge(LISTED, [follower(read, **more)])
    assert judged == dataclasses.replace(Judged(told=len(read)), **found)
