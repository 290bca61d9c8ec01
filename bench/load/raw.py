"""In the bench: the bare server beside ours, its row on the same disk or in the same PostgreSQL."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

from app.processes import SOCKET_VARIABLE, bind
from bench.harness import processes
from bench.load import raw_server

_START_S = 30.0


@contextlib.asynccontextmanager
async def beside(home: Path, database_url: str | None = None) -> AsyncIterator[str]:
    """Its address. `home` is our state folder; `database_url` is only for a PostgreSQL."""
    with contextlib.closing(bind("127.0.0.1", 0)) as listening:
        env = {**os.environ, SOCKET_VARIABLE: str(listening.fileno())}
        arguments = ["bench.load.raw_server", str(home), *([database_url] if database_url else [])]
        log, fds = home / "raw.log", [listening.fileno()]
        child = await processes.start("raw server", arguments, env=env, log=log, fds=fds)
        try:
            await child.said("ready", _START_S)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}{raw_server.PATH}"
        finally:
            await child.stop()
