"""Notices have their numbers in the order of commits. Nobody else numbers here: a gateway would, beside these."""

from __future__ import annotations

import asyncio

from runtime import numbering
from store import feed, notices
from tests import services
from tests.house import DEADLINE_S, Stage


@services.postgresql_only
async def test_a_notice_that_commits_late_comes_after_those_that_were_there(stage: Stage) -> None:
    """PostgreSQL gives the lower id first, and here the higher one is there first: it is not waited for the other."""
    with stage.db.engine.connect() as slow, slow.begin():
        notices.add(slow, "late", None, {}, stage.clock.now())
        await stage.db.write(notices.add, "early", None, {}, stage.clock.now())
        assert await numbering.number_all(stage.db) == 1
        before = await stage.db.read(feed.after, 0)
        assert [item["kind"] for item in before.items] == ["early"]
    await numbering.number_all(stage.db)
    told = await stage.db.read(feed.after, before.last)
    assert [item["kind"] for item in told.items] == ["late"]


@services.postgresql_only
async def test_an_id_nobody_used_holds_up_nothing(stage: Stage) -> None:
    await stage.db.write(notices.add, "one", None, {}, stage.clock.now())
    with stage.db.engine.connect() as undone, undone.begin() as transaction:
        notices.add(undone, "undone", None, {}, stage.clock.now())
        transaction.rollback()
    await stage.db.write(notices.add, "two", None, {}, stage.clock.now())
    await numbering.number_all(stage.db)
    told = await stage.db.read(feed.after, 0)
    assert [(item["id"], item["kind"]) for item in told.items] == [(1, "one"), (2, "two")]


@services.postgresql_only
async def test_one_numbers_at_a_time_and_nobody_waits_for_it(stage: Stage) -> None:
    await stage.db.write(notices.add, "one", None, {}, stage.clock.now())
    await numbering.number_all(stage.db)
    await stage.db.write(notices.add, "two", None, {}, stage.clock.now())
    with stage.db.engine.connect() as first, first.begin() as numbering_now:
        assert feed.number(first) == 1
        assert await asyncio.wait_for(stage.db.write(feed.number), DEADLINE_S) == 0
        assert [item["kind"] for item in (await stage.db.read(feed.after, 0)).items] == ["one"]
        numbering_now.commit()
    assert [item["id"] for item in (await stage.db.read(feed.after, 0)).items] == [1, 2]
