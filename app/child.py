"""A process of ours that is kept running by its parent, and ends with it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from app import lifeline
from app.settings import ROOT
from runtime.within import within

_GRACE_S = 12.0
#: A child that ended sooner than this after its start waits longer before the next.
_HEALTHY_S = 20.0
_LONGEST_PAUSE_S = 30.0


def say(text: str) -> None:
    print(text, flush=True)


class Child:
    """A process of ours, kept running."""

    def __init__(
        self, name: str, command: Sequence[str], *, env: dict[str, str], fds: tuple[int, ...] = (), cwd: Path = ROOT
    ) -> None:
        self.name, self._command, self._env, self._fds, self._cwd = name, command, env, fds, cwd
        self.process: asyncio.subprocess.Process | None = None
        self.on_line: Callable[[str], None] = lambda line: None
        self.stderr: int | None = None  # ours, unless it is to be read line by line with the rest

    async def keep(self) -> None:
        """Runs it, again whenever it ends, until cancelled."""
        pause = 0.5
        while True:
            began = time.monotonic()
            code = await self.once()
            pause = 0.5 if time.monotonic() - began > _HEALTHY_S else min(pause * 2, _LONGEST_PAUSE_S)
            say(f"The {self.name} ended (exit {code}); starting it again in {pause:.0f} s. Its log above says why.")
            await asyncio.sleep(pause)

    async def once(self) -> int:
        read_end, write_end = os.pipe()
        try:
            self.process = await asyncio.create_subprocess_exec(
                *self._command,
                env={**self._env, lifeline.VARIABLE: str(read_end)},
                cwd=self._cwd,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=self.stderr,
                pass_fds=(*self._fds, read_end),
                start_new_session=True,  # Ctrl-C reaches us alone; we tell the children in order
            )
        finally:
            os.close(read_end)
        try:
            assert self.process.stdout is not None
            async for line in self.process.stdout:
                self.on_line(line.decode(errors="replace").rstrip())
            return await self.process.wait()
        finally:
            os.close(write_end)

    async def stop(self) -> None:
        if self.process is None or self.process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        try:
            await within(_GRACE_S, self.process.wait())
        except asyncio.TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()


def held(module: str, *arguments: str) -> list[str]:
    """The command of a module that knows nothing of us, so that it too ends with its parent."""
    return [sys.executable, str(Path(lifeline.__file__).resolve()), module, *arguments]
