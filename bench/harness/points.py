"""In the bench: decides at which named points a conversation is held, knows when it is, and lets it go.

hold = points.hold("in_turn", conversation_id)
await hold.reached(timeout_s=10)   # it stands there now
hold.let_go()
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from bench.harness import asking


class Hold:
    """Keeps everything of one conversation that comes to one point, from now until it is let go."""

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._reached, self._free = asyncio.Event(), asyncio.Event()
        self.held = 0  # how many stand there
        Path(mark).touch()

    @property
    def active(self) -> bool:
        """Something stands at the point at this moment."""
        return self.held > 0 and not self._free.is_set()

    async def reached(self, timeout_s: float) -> bool:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._reached.wait(), timeout_s)
        return self._reached.is_set()

    def let_go(self) -> None:
        """What stands there goes on, and what comes later is not stopped. Again: nothing."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._mark)
        self._free.set()

    async def stand(self) -> None:
        self.held += 1
        self._reached.set()
        try:
            await self._free.wait()
        finally:
            self.held -= 1


class Points:
    """Listens on a Unix socket to the processes under test."""

    def __init__(self, socket_path: str) -> None:
        self.socket_path = socket_path
        self._holds: dict[tuple[str, str], Hold] = {}

    def hold(self, point: str, conversation_id: str) -> Hold:
        hold = Hold(asking.mark(self.socket_path, point, conversation_id))
        self._holds[point, conversation_id] = hold
        return hold

    def let_all_go(self) -> None:
        for hold in self._holds.values():
            hold.let_go()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while line := await reader.readline():
                point, _, conversation_id = line.decode().strip().partition(" ")
                hold = self._holds.get((point, conversation_id))
                if hold is not None:
                    await hold.stand()
                writer.write(b"go\n")
                await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def listening(folder: Path) -> AsyncIterator[Points]:
    points = Points(str(folder / "points"))
    os.mkdir(asking.marks_of(points.socket_path))
    server = await asyncio.start_unix_server(points.serve, points.socket_path)
    try:
        yield points
    finally:
        points.let_all_go()
        server.close()
        await server.wait_closed()
