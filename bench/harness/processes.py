"""One child process: its log in a file, its lines read, and certain to end when the bench does, however that ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from app import lifeline
from bench.harness.entry import CannotMeasure

ROOT = Path(__file__).resolve().parent.parent.parent
_GRACE_S = 25.0  # more than the product gives itself


class Child:
    """A program started through `bench.harness.launch`."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path, lifeline_end: int) -> None:
        self.name, self.process, self.log = name, process, log
        self._lifeline_end = lifeline_end
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        self._reader = asyncio.create_task(self._read(), name=f"stdout of {name}")

    async def said(self, beginning: str, timeout_s: float) -> str:
        """The first line it prints that begins so."""
        try:
            return await asyncio.wait_for(self._until(beginning), timeout_s)
        except asyncio.TimeoutError:
            raise CannotMeasure(
                f"The {self.name} did not say {beginning!r} within {timeout_s:.0f} s.{self.tail()}"
            ) from None

    async def stop(self) -> None:
        """SIGTERM, then, if it does not end, SIGKILL to its whole group."""
        try:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)
                self.process.send_signal(signal.SIGCONT)  # a bench may have stopped it in the middle of something
            try:
                await asyncio.wait_for(self.process.wait(), _GRACE_S)
            except asyncio.TimeoutError:
                self.kill()
                await self.process.wait()
        finally:
            self._reader.cancel()
            if self._lifeline_end >= 0:
                os.close(self._lifeline_end)
                self._lifeline_end = -1

    def kill(self) -> None:
        """As a power cut would: no chance to tidy up."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def tail(self) -> str:
        lines = self.log.read_text("utf-8", "replace").splitlines() if self.log.exists() else []
        fatal = next((n for n, line in enumerate(lines) if line.startswith("Fatal Python error")), len(lines) - 12)
        lines = lines[max(fatal, 0) :][:60]  # where it was in the end is said first, and the other threads after it
        return "".join(f"\n  {line}" for line in lines)

    def count_in_log(self, word: str) -> int:
        return self.log.read_text("utf-8", "replace").count(word) if self.log.exists() else 0

    async def _until(self, beginning: str) -> str:
        while True:
            line = await self._lines.get()
            if line.startswith(beginning):
                return line
            if not line and self._reader.done():
                raise CannotMeasure(f"The {self.name} ended (exit {self.process.returncode}).{self.tail()}")

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self._lines.put_nowait(line.decode("utf-8", "replace").rstrip())
        await self.process.wait()
        asyncio.get_running_loop().call_soon(self._lines.put_nowait, "")  # once this task is done


async def start(
    name: str, arguments: Sequence[str], *, env: Mapping[str, str], log: Path, fds: Sequence[int] = ()
) -> Child:
    """Runs `python -m bench.harness.launch ARGUMENTS`."""
    read_end, write_end = os.pipe()
    try:
        with open(log, "ab") as errors:  # noqa: ASYNC230 -- a local file, once
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bench.harness.launch",
                *arguments,
                env={**env, lifeline.VARIABLE: str(read_end)},
                cwd=ROOT,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                pass_fds=(read_end, *fds),
                start_new_session=True,  # Ctrl-C reaches the bench alone, which stops them in order
            )
    except BaseException:
        os.close(write_end)
        raise
    finally:
        os.close(read_end)
    return Child(name, process, log, write_end)
