"""A bound on work that forgets nothing: neither that it was cancelled, nor what the work came to."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from runtime.within import within

#: A wait has ended, and who waited is told, some of the loop's steps after the bell.
STEPS = range(8)


@contextlib.asynccontextmanager
async def _working(ends: asyncio.Event, *, fails: bool = False) -> AsyncIterator[asyncio.Task[str]]:
    """Work that goes on until a bell, within a second."""

    async def work() -> str:
        await ends.wait()
        if fails:
            raise RuntimeError("it failed")
        return "done"

    task = asyncio.create_task(within(1, work()))
    await asyncio.sleep(0.01)
    yield task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_it_gives_what_the_work_comes_to() -> None:
    bell = asyncio.Event()
    async with _working(bell) as task:
        bell.set()
        assert await task == "done"
    async with _working(bell, fails=True) as task:
        with pytest.raises(RuntimeError, match="it failed"):
            await task
    assert await within(1, asyncio.sleep(0, "at once")) == "at once"


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("steps", STEPS)
async def test_who_is_cancelled_in_the_moment_the_work_ends_ends_by_that(steps: int, fails: bool) -> None:
    bell = asyncio.Event()
    async with _working(bell, fails=fails) as task:
        bell.set()
        for _ in range(steps):
            await asyncio.sleep(0)
        was_over = task.done()
        task.cancel()
        await asyncio.wait({task}, timeout=1)
        assert task.cancelled() or was_over


async def test_the_work_has_ended_before_who_was_cancelled_does() -> None:
    told: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            told.append("put away")
            raise RuntimeError("nobody asks")

    task = asyncio.create_task(within(1, work()))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert told == ["put away"]


async def test_what_takes_longer_is_cancelled_and_told_so() -> None:
    work = asyncio.get_running_loop().create_future()
    with pytest.raises(asyncio.TimeoutError):
        await within(0.01, work)
    assert work.cancelled()
    with pytest.raises(asyncio.TimeoutError):
        await within(-1, asyncio.Event().wait())


async def test_what_comes_to_an_end_as_it_is_cancelled_has_come_to_one() -> None:
    async def work(answer: str) -> str:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        if not answer:
            raise RuntimeError("it failed")
        return answer

    assert await within(0.01, work("late")) == "late"
    with pytest.raises(RuntimeError, match="it failed"):
        await within(0.01, work(""))
