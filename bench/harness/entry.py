"""How a bench begins and ends: one coroutine, ended cleanly by Ctrl-C; its figures as one JSON line, last on stdout."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import traceback
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class CannotMeasure(Exception):
    """The bench could not do its work; the message says why. It says nothing about the promise."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What was measured. `broken`: each promise that did not hold, in words; timings are never among them."""

    figures: Mapping[str, Any]
    broken: Sequence[str] = ()


def say(text: str) -> None:
    """Progress: for people, so not on stdout."""
    print(text, file=sys.stderr, flush=True)


async def together(*works: Coroutine[Any, Any, Any]) -> list[Any]:
    """Like `asyncio.gather`, but where one fails the others are ended too before it is raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def beside(work: Coroutine[Any, Any, Any]) -> AsyncIterator[None]:
    """Goes on with the block while the work runs, and is left once both are done."""
    task = asyncio.ensure_future(work)
    try:
        yield
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def run(work: Coroutine[Any, Any, Result]) -> int:
    """The exit code: 0, or 1 where a promise broke or nothing could be measured, or 130 after Ctrl-C."""
    try:
        result = asyncio.run(_ended_by_signals(work))
    except asyncio.CancelledError:
        say("Stopped; everything that was started is stopped too.")
        return 130
    except CannotMeasure as problem:
        print(json.dumps({"error": str(problem)}), flush=True)
        return 1
    except Exception as fault:
        traceback.print_exc()
        print(json.dumps({"error": f"the bench itself failed: {type(fault).__name__}: {fault}"}), flush=True)
        return 1
    for promise in result.broken:
        say(f"BROKEN: {promise}")
    figures = {**result.figures, "broken": list(result.broken)}
    print(json.dumps(figures, ensure_ascii=False), flush=True)
    return 1 if result.broken else 0


async def _ended_by_signals(work: Coroutine[Any, Any, Result]) -> Result:
    """A signal cancels the work, so that each `async with` closes what it opened."""
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(work)
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError, ValueError, RuntimeError):  # not in a thread
            loop.add_signal_handler(name, task.cancel)
    return await task
