"""`./baton run` in a clone of the repository, as somebody in a terminal has it: what it says and when, and Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from app.processes import bind
from bench.harness.entry import CannotMeasure

_STOP_S = 40.0
Check = Callable[[], Awaitable[bool]]


@dataclass(kw_only=True)
class Clone:
    folder: Path
    env: dict[str, str]
    port: int
    emulator_port: int

    @property
    def health(self) -> str:
        """Of the webhook itself: 200 once what comes is kept."""
        return f"http://127.0.0.1:{self.port}/webhooks/whatsapp/"

    @property
    def phones(self) -> str:
        return f"http://127.0.0.1:{self.emulator_port}/emulator/health"


@dataclass(kw_only=True)
class Running:
    """`./baton run`, what it said and when (`time.monotonic()`), and who may be talked to."""

    clone: Clone
    process: asyncio.subprocess.Process
    began: float
    http: aiohttp.ClientSession
    lines: list[tuple[float, str]] = field(default_factory=list)

    def since_start(self, moment: float) -> float:
        return round(moment - self.began, 2)

    def said(self, word: str) -> float | None:
        """When a line with this word was first printed, in seconds from the start."""
        return next((self.since_start(at) for at, line in self.lines if word in line), None)

    def tail(self) -> str:
        return "".join(f"\n  {line}" for _, line in self.lines[-15:])

    async def until(self, what: str, check: Check, timeout_s: float) -> float:
        """When it is true, in seconds from the start."""
        deadline = time.monotonic() + timeout_s
        while not await check():
            if self.process.returncode is not None:
                raise CannotMeasure(f"`./baton run` ended (exit {self.process.returncode}).{self.tail()}")
            if time.monotonic() > deadline:
                raise CannotMeasure(f"Not within {timeout_s:.0f} s: {what}.{self.tail()}")
            await asyncio.sleep(0.02)
        return self.since_start(time.monotonic())


@contextlib.asynccontextmanager
async def running(clone: Clone) -> AsyncIterator[Running]:
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        "./baton",
        "run",
        cwd=clone.folder,
        env=clone.env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C reaches the bench alone, which passes it on
    )
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as http:
        made = Running(clone=clone, process=process, began=began, http=http)
        reading = asyncio.create_task(_read(made))
        try:
            yield made
        finally:
            if process.returncode is None:
                await _interrupt(process)
            await reading


async def _read(running: Running) -> None:
    assert running.process.stdout is not None
    async for line in running.process.stdout:
        running.lines.append((time.monotonic(), line.decode("utf-8", "replace").rstrip()))


async def stop(running: Running) -> tuple[int | None, list[str]]:
    """Ctrl-C, as the terminal gives it, and whether anything was left."""
    await _interrupt(running.process)
    code = running.process.returncode
    broken = [f"Ctrl-C ended `./baton run` with exit {code}"] if code not in (0, 130) else []
    for port in (running.clone.port, running.clone.emulator_port):
        try:
            bind("127.0.0.1", port).close()
        except OSError:
            broken.append(f"port {port} is still taken after Ctrl-C")
    return code, broken


async def _interrupt(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
    try:
        await asyncio.wait_for(process.wait(), _STOP_S)
    except asyncio.TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def environment_is_there(clone: Clone) -> Check:
    async def there() -> bool:
        return (clone.folder / ".venv" / ".baton-main").exists()

    return there


def answers(running: Running, url: str) -> Check:
    async def answers() -> bool:
        with contextlib.suppress(aiohttp.ClientError):
            async with running.http.get(url) as response:
                return response.status == 200
        return False

    return answers
