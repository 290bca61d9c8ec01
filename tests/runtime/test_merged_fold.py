"""A worker that has a conversation in memory while another one is put into it goes on as stock Rasa reads the two."""

from __future__ import annotations

import itertools

import pytest

from runtime import fold_check
from store import merged_trackers, trackers
from store.database import Database
from tests import services
from tests.house import START
from tests.runtime.talks_of_rasa import Talk
from tests.runtime.test_fold import Desk

pytestmark = services.sqlite_only


@pytest.mark.parametrize("lively", ["x", "y"])
@pytest.mark.parametrize("seed", [0, 1])
async def test_the_dialogue_goes_on_where_the_lively_one_stood(db: Database, seed: int, lively: str) -> None:
    desk = Desk(db)
    for turn in itertools.islice(Talk(seed), 20):
        await desk.turn(turn)
    for turn in itertools.islice(Talk(seed + 10), 15):
        await db.write(trackers.append, "y", [event.as_dict() for event in turn], now=START)
    position = await db.read(trackers.position, lively)
    session = await db.read(trackers.events_after, lively, position.session_seq - 1)
    await db.write(merged_trackers.join, "x", "y", lively=lively, now=START)
    merged = await db.read(trackers.position, "x")
    assert (await db.read(trackers.events_after, "x", merged.session_seq - 1))[-len(session) :] == session
    assert fold_check.differences(await desk.tracker(), await desk.stock()) == []
    for turn in itertools.islice(Talk(seed + 20), 10):
        await desk.turn(turn)
    assert fold_check.differences(await desk.tracker(), await desk.stock()) == []
