"""Two who become one, at every moment once: all holds with the guards in place, and each that is removed is seen."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

import pytest

from bench import merge
from bench.merging.moments import MOMENTS


async def run(
    *moments: str, customers: int, sabotage: str | None = None, database: str = "sqlite"
) -> Mapping[str, Any]:
    chosen = argparse.Namespace(
        moments=list(moments), customers=customers, sabotage=sabotage, database=database, seed=4
    )
    found = await merge.bench(chosen)
    return {**found.figures, "broken": found.broken}


@pytest.mark.slow
async def test_two_who_become_one_at_any_moment_lose_nothing_and_one_person_has_them() -> None:
    figures = await run(*MOMENTS, customers=len(MOMENTS))

    assert figures["broken"] == []
    assert figures["merges"] == figures["customers"] == len(MOMENTS)
    assert all(found["reached"] for found in figures["moments"].values())
    assert figures["answered"] and figures["recorded"]


@pytest.mark.guard
@pytest.mark.slow
@pytest.mark.parametrize(
    ("sabotage", "moment", "customers", "seen"),
    [
        ("mail-left-behind", "idle", 1, "lost"),
        ("ownership-not-moved", "one_owned", 3, "owners"),
        ("no-old-names", "idle", 1, "old_names_dead"),
    ],
)
async def test_a_guard_that_is_gone_is_seen(sabotage: str, moment: str, customers: int, seen: str) -> None:
    figures = await run(moment, customers=customers, sabotage=sabotage)

    assert figures[seen] > 0
    assert figures["broken"]
