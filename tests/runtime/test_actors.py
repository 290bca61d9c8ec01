"""Conversations side by side, each one thing at a time; bells that are heard; an end that comes."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from conversation.agent import AgentStatus
from conversation.conversation import ConversationId
from runtime import points
from runtime.actors import Actors
from runtime.llm.waiting import Waiting
from runtime.settings import RuntimeSettings
from runtime.situation import read_situation
from store import leases, mailbox, tables, timers
from tests.house import ANA, BEN, CLARA, START, Script, Stage, eventually


@pytest.fixture
def settings() -> RuntimeSettings:
    return RuntimeSettings(typing_after_s=30, turns_at_once=2)


@contextlib.asynccontextmanager
async def acting(stage: Stage, waiting: Waiting | None = None) -> AsyncIterator[Actors]:
    actors = Actors(stage.db, stage.turns, stage.wake, stage.clock, stage.settings, stage.holder, waiting)
    async with stage.wake.watching():
        task = asyncio.create_task(actors.run())
        try:
            yield actors
        finally:
            await actors.drain(1.0)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
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


class TestAfterACrash:
    async def cut_off(self, stage: Stage, conversation_id: ConversationId) -> None:
        """A turn on its lowest mail was begun, and its process ended."""
        situation = await stage.db.read(read_situation, conversation_id, stage.clock.now())
        assert situation is not None
        await stage.db.write(mailbox.begin, situation.mail)

    async def test_what_was_cut_off_is_tried_alone_one_after_the_other_and_then_the_rest(self, stage: Stage) -> None:
        cut = [await stage.hears("cortada", phone=phone) for phone in (ANA, BEN)]
        for conversation_id in cut:
            await self.cut_off(stage, conversation_id)
        calm = await stage.hears("calma", phone=CLARA)
        now, together = 0, []

        async def think() -> None:
            nonlocal now
            now += 1
            together.append(now)
            await asyncio.sleep(0.01)
            now -= 1

        stage.dialogue.script += [Script(during=think) for _ in range(3)]
        async with acting(stage):
            await eventually(lambda: done(stage, 3))
        assert together == [1, 1, 1]
        assert [q.mail.conversation_id for q in stage.dialogue.asked] == [*cut, calm]

    async def test_the_leases_of_a_worker_that_ended_in_good_order_are_free_at_once(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        async with acting(stage):
            await eventually(lambda: done(stage, 1))
            assert await stage.db.read(leases.holder_of, conversation_id, START) == str(stage.holder)
        assert await stage.db.read(leases.holder_of, conversation_id, START) is None

    async def test_a_turn_that_takes_long_keeps_its_lease(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        thinking, may_end = asyncio.Event(), asyncio.Event()

        async def think() -> None:
            thinking.set()
            await may_end.wait()

        stage.dialogue.script.append(Script(during=think))
        stage.settings = dataclasses.replace(stage.settings, lease_s=0.06)
        conversation_id = await stage.hears()
        async with acting(stage):
            await thinking.wait()
            stage.clock.wind(60)
            await eventually(lambda: leased(stage, conversation_id))
            may_end.set()
            await eventually(lambda: done(stage, 1))


async def leased(stage: Stage, conversation_id: ConversationId) -> bool:
    return await stage.db.read(leases.holder_of, conversation_id, stage.clock.now()) is not None


class TestTimers:
    async def test_one_set_by_a_turn_is_a_row_and_fires_in_another_process_when_our_clock_says_so(
        self, stage: Stage
    ) -> None:
        reminder = timers.Change(name="r", due_at=START + timedelta(minutes=5), payload={"intent": "x"})
        stage.dialogue.script.append(Script(timers=[reminder]))
        conversation_id = await stage.hears()
        await stage.turn(conversation_id)
        stage.clock.wind(299)
        async with acting(stage):
            await stage.hears("ainda não")
            await eventually(lambda: done(stage, 2))
            assert stage.dialogue.reminded == []
        stage.clock.wind(1)
        async with acting(stage):  # nothing of the first one is in memory
            await eventually(lambda: stage.dialogue.reminded)
        assert [q.mail.payload for q in stage.dialogue.reminded] == [{"intent": "x"}]

    async def test_it_does_not_fire_while_a_person_has_the_conversation_nor_afterwards(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        await stage.turn(conversation_id)
        await stage.db.write(timers.put, conversation_id, "r", START, {"intent": "x"})
        await stage.ownership.take(conversation_id, by="ana")
        async with acting(stage):
            await eventually(lambda: done(stage, 2))
            await stage.ownership.release(conversation_id, by="ana")
            await stage.hears("de volta")
            await eventually(lambda: done(stage, 3))
        assert stage.dialogue.reminded == []

    async def test_of_two_who_fire_at_once_one_does(self, stage: Stage) -> None:
        conversation_id = await stage.hears()
        await stage.turn(conversation_id)
        await stage.db.write(timers.put, conversation_id, "r", START, {"intent": "x"})
        fired = await asyncio.gather(*(stage.db.write(timers.fire, START) for _ in range(4)))
        assert sum(fired) == 1
        assert len(await stage.rows(tables.mailbox)) == 2


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
        points.BEFORE_ACCEPT,
        points.IN_ACCEPT,
        points.ACCEPTED,
        points.BEGUN,
        points.IN_TURN,
        points.IN_COMMIT,
        points.COMMITTED,
        points.CLAIMED,
        points.IN_REQUEST,
    ]


class TestTurnsThatWaitForALanguageModel:
    """Two turns at once: so many wait for a model that there would be no place for anybody else."""

    async def test_lend_their_places_and_have_them_back(self, stage: Stage) -> None:
        waiting, words, begun = Waiting(), asyncio.Event(), 0

        async def think() -> None:
            nonlocal begun
            with waiting.one_more():
                begun += 1
                await words.wait()

        stage.dialogue.script += [Script(says=["pensei"], during=think) for _ in range(4)]
        async with acting(stage, waiting) as actors:
            slow = [await stage.hears("pense", phone=f"551190000000{n}") for n in range(4)]
            await eventually(lambda: begun == 4)
            quick = await stage.hears("oi", phone=ANA)
            await eventually(lambda: done(stage, 1))
            assert await stage.texts(quick) == ["Olá!"]
            await eventually(lambda: actors._running.keys() == set(slow))  # their leases are renewed as all others' are
            words.set()
            await eventually(lambda: done(stage, 5))
        assert waiting.count == 0
        assert [await stage.texts(each) for each in slow] == [["pensei"]] * 4

    async def test_without_that_they_would_hold_up_everybody(self, stage: Stage) -> None:
        words, begun = asyncio.Event(), 0

        async def think() -> None:
            nonlocal begun
            begun += 1
            await words.wait()

        stage.dialogue.script += [Script(during=think) for _ in range(2)]
        async with acting(stage) as actors:
            for n in range(2):
                await stage.hears("pense", phone=f"551190000000{n}")
            await eventually(lambda: begun == 2)
            await stage.hears("oi", phone=ANA)
            await actors._look()
            assert len(actors._running) == 2
            words.set()
            await eventually(lambda: done(stage, 3))
