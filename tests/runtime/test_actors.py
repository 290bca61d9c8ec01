"""Conversations side by side, each one thing at a time; bells that are heard; an end that comes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from conversation.agent import AgentStatus
from conversation.conversation import ConversationId
from runtime import points
from runtime.actors import Actors
from runtime.settings import RuntimeSettings
from runtime.turn import LeaseLost
from runtime.wake import Wake, wait
from store import leases, notices, tables, timers
from store.database import Database, sqlite_url
from tests.house import ANA, BEN, START, Script, Stage, eventually


@pytest.fixture
def settings() -> RuntimeSettings:
    return RuntimeSettings(typing_after_s=30, turns_at_once=2)


@contextlib.asynccontextmanager
async def acting(stage: Stage) -> AsyncIterator[Actors]:
    actors = Actors(stage.db, stage.turns, stage.wake, stage.clock, stage.settings)
    async with stage.wake.watching():
        task = asyncio.create_task(actors.run())
        try:
            yield actors
        finally:
            await actors.drain(1.0)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, LeaseLost):
                await task


async def count(stage: Stage, state: str) -> int:
    return len([row for row in await stage.rows(tables.mailbox) if row.state == state])


async def test_mail_is_answered_as_it_comes_each_conversation_in_order(stage: Stage) -> None:
    async with acting(stage):
        for i in range(5):
            await stage.hears(f"a{i}", phone=ANA)
            await stage.hears(f"b{i}", phone=BEN)
        await eventually(lambda: done(stage, 10))
    for phone in "ab":
        assert [q.text for q in stage.dialogue.asked if q.text.startswith(phone)] == [f"{phone}{i}" for i in range(5)]


async def done(stage: Stage, wanted: int) -> bool:
    return await count(stage, "done") == wanted


async def test_a_turn_that_hangs_holds_up_its_own_conversation_only(stage: Stage) -> None:
    hangs, may_end = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        hangs.set()
        await may_end.wait()

    stage.dialogue.script.append(Script(during=hang))
    async with acting(stage):
        first = await stage.hears("a1", phone=ANA)
        await hangs.wait()
        await stage.hears("a2", phone=ANA)
        second = await stage.hears("b1", phone=BEN)
        await eventually(lambda: texts(stage, second))
        assert await stage.texts(first) == []
        assert len([q for q in stage.dialogue.asked if q.mail.conversation_id == first]) == 1
        may_end.set()
        await eventually(lambda: done(stage, 3))


async def texts(stage: Stage, conversation_id: ConversationId) -> Any:
    return await stage.texts(conversation_id)


async def test_no_more_turns_at_once_than_allowed(stage: Stage) -> None:
    now, most, may_end = 0, 0, asyncio.Event()

    async def think() -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await may_end.wait()
        now -= 1

    stage.dialogue.script += [Script(during=think) for _ in range(6)]
    async with acting(stage):
        for i in range(6):
            await stage.hears(phone=f"551190000000{i}")
        await eventually(lambda: now == 2)
        may_end.set()
        await eventually(lambda: done(stage, 6))
    assert most == 2


async def test_without_a_model_those_who_need_none_are_recorded_all_the_same(stage: Stage) -> None:
    """More conversations wait for an answer than there is room for; the one that only records is behind them."""
    stage.dialogue.ready = False
    for i in range(5):
        await stage.hears(phone=f"551190000000{i}")
    taken = await stage.hears("oi", phone=BEN)
    await stage.ownership.take(taken, by="ana")
    async with acting(stage):
        await eventually(lambda: done(stage, 1))
        assert await stage.heard(taken) == ["oi"]
        stage.dialogue.ready = True
        await eventually(lambda: done(stage, 6))


async def test_a_take_while_the_model_loads_is_seen(stage: Stage) -> None:
    stage.dialogue.ready = False
    conversation_id = await stage.hears("oi")
    async with acting(stage):
        await stage.ownership.take(conversation_id, by="ana")
        await eventually(lambda: done(stage, 1))
    assert await stage.heard(conversation_id) == ["oi"]


async def test_a_timer_that_falls_due_becomes_a_turn(stage: Stage) -> None:
    conversation_id = await stage.hears()
    await stage.db.write(timers.put, conversation_id, "r", START, {"intent": "x"})
    async with acting(stage):
        await eventually(lambda: stage.dialogue.reminded)


async def test_who_lost_the_lease_ends(stage: Stage) -> None:
    await stage.db.write(leases.acquire, "dialogue", "b/1", now=START, ttl_s=15, house="a")
    actors = Actors(stage.db, stage.turns, stage.wake, stage.clock, stage.settings)
    await stage.hears()
    with pytest.raises(LeaseLost):
        await asyncio.wait_for(actors.run(), 10)


async def test_an_actor_that_breaks_is_not_the_end_of_the_others(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = await stage.hears("a", phone=ANA)
    take = stage.turns.take

    async def break_one(conversation_id: ConversationId) -> Any:
        if conversation_id == broken:
            raise RuntimeError("a bug of ours")
        return await take(conversation_id)

    monkeypatch.setattr(stage.turns, "take", break_one)
    async with acting(stage):
        other = await stage.hears("b", phone=BEN)
        await eventually(lambda: texts(stage, other))


async def test_a_drained_one_finishes_what_it_answers_and_takes_nothing_new(stage: Stage) -> None:
    thinking, may_end = asyncio.Event(), asyncio.Event()

    async def think() -> None:
        thinking.set()
        await may_end.wait()

    stage.dialogue.script.append(Script(during=think))
    async with acting(stage) as actors:
        conversation_id = await stage.hears("um")
        await thinking.wait()
        await stage.hears("dois")
        draining = asyncio.create_task(actors.drain(5.0))
        await asyncio.sleep(0)
        may_end.set()
        await draining
    assert await stage.texts(conversation_id) == ["Olá!"]
    assert await count(stage, "new") == 1


async def test_an_off_agent_and_a_person_need_no_model(stage: Stage) -> None:
    stage.dialogue.ready = False
    await stage.ownership.switch_agent("assistant", AgentStatus.DRAFT)
    async with acting(stage):
        conversation_id = await stage.hears("oi")
        await eventually(lambda: done(stage, 1))
    assert await stage.heard(conversation_id) == ["oi"]


class TestWaking:
    async def test_another_processs_commit_is_heard(self, db: Database, db_path: Path) -> None:
        other = Database(sqlite_url(db_path))
        wake = Wake(db)
        bell = wake.listen()
        bell.clear()
        async with wake.watching():
            await wait(bell, 5)  # the first look
            assert not bell.is_set()
            await other.write(notices.add, "x", None, {}, START)
            await asyncio.wait_for(bell.wait(), 5)
        other.close()

    async def test_every_listener_hears_and_a_bell_is_silent_after_it_was_heard(self, db: Database) -> None:
        wake = Wake(db)
        bells = [wake.listen(), wake.listen()]
        for bell in bells:
            await wait(bell, 5)
        wake.ring()
        assert all(bell.is_set() for bell in bells)
        await wait(bells[0], 5)
        assert [bell.is_set() for bell in bells] == [False, True]

    async def test_a_lost_one_costs_time_and_no_more(self) -> None:
        await asyncio.wait_for(wait(asyncio.Event(), 0.01), 5)

    async def test_who_is_cancelled_in_the_moment_the_bell_rings_is_cancelled(self) -> None:
        bell = asyncio.Event()
        task = asyncio.create_task(wait(bell, 5))
        await asyncio.sleep(0)
        bell.set()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 5)


async def test_the_named_places_are_passed_in_order(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[str] = []
    monkeypatch.setattr(points, "hook", lambda name, conversation_id: passed.append(name))
    stage.channel.has_signs = False
    conversation_id = await stage.hears()
    await stage.turn(conversation_id)
    async with stage.delivering():
        await stage.sent(1)
        await eventually(lambda: points.IN_REQUEST in passed)
    assert passed == [
        points.IN_ACCEPT,
        points.ACCEPTED,
        points.IN_TURN,
        points.IN_COMMIT,
        points.COMMITTED,
        points.CLAIMED,
        points.IN_REQUEST,
    ]
