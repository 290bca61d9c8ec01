"""How a process learns that the database changed: SQLite counts other connections' commits, PostgreSQL tells by name.

Only a hint: whoever is told looks for itself, and looks now and then without being told.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import structlog
from sqlalchemy.engine import Engine

from store.database import Database

log = structlog.get_logger()

#: How often SQLite's counter is read: a few microseconds each time.
_SQLITE_STEP_S = 0.005
_CHANNEL = "baton_changed"
#: One word for all commits of so many seconds. Those that say it wait for each other, so none of the hot ones does.
_GATHER_S = 0.005
#: How often who can't hear looks for itself, and tries to hear again.
_DEAF_STEP_S = 0.2

Tell = Callable[[], None]


@contextlib.asynccontextmanager
async def told(db: Database, tell: Tell) -> AsyncIterator[None]:
    """`tell` is called, on this loop, soon after each commit of anybody's for as long as the context is open."""
    async with contextlib.AsyncExitStack() as stack:
        if db.is_sqlite:
            works = [_count(db, tell)]
        else:
            line = _Line(db.engine, tell)
            stack.enter_context(db.telling_of_commits(line.committed))
            works = [line.say(), line.hear()]
        tasks = [asyncio.create_task(work, name="changes") for work in works]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _count(db: Database, tell: Tell) -> None:
    raw = db.engine.raw_connection()
    try:
        cursor = raw.cursor()
        seen = None
        while True:
            version = cursor.execute("PRAGMA data_version", ()).fetchone()[0]
            if version != seen:
                seen = version
                tell()
            await asyncio.sleep(_SQLITE_STEP_S)
    finally:
        raw.close()


class _Line:
    """PostgreSQL's LISTEN and NOTIFY. Two connections: saying waits for the server, hearing must not."""

    def __init__(self, engine: Engine, tell: Tell) -> None:
        self._engine, self._tell = engine, tell
        self._loop = asyncio.get_running_loop()
        self._committed = asyncio.Event()
        self._own_voice: int | None = None

    def committed(self) -> None:
        """From any thread, after each commit; the first of many does it for all."""
        if not self._committed.is_set():
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody is there to be told
                self._loop.call_soon_threadsafe(self._committed.set)

    async def say(self) -> None:
        """Tells this process at once, and the others in a transaction of its own."""
        connection: Any = None
        try:
            while True:
                await self._committed.wait()
                self._committed.clear()
                self._tell()
                try:
                    connection = connection or await asyncio.to_thread(_connect, self._engine)
                    self._own_voice = connection.info.backend_pid
                    await asyncio.to_thread(_run, connection, f"NOTIFY {_CHANNEL}")
                except Exception:  # who is not told looks for itself
                    _drop(connection)
                    connection = None
                await asyncio.sleep(_GATHER_S)
        finally:
            _drop(connection)

    async def hear(self) -> None:
        """Listens; where the connection is lost, looks now and then, until there is another."""
        heard = True
        while True:
            self._tell()  # something may have been said while nobody listened
            connection: Any = None
            try:
                connection = await asyncio.to_thread(_connect, self._engine)
                await asyncio.to_thread(_run, connection, f"LISTEN {_CHANNEL}")
                heard = True
                self._tell()
                await self._until_lost(connection)
            except Exception as error:
                if heard:  # said once, not at each try
                    log.warning("changes_not_heard", error=type(error).__name__)
                heard = False
            finally:
                _drop(connection)
            await asyncio.sleep(_DEAF_STEP_S)

    async def _until_lost(self, connection: Any) -> None:
        lost: asyncio.Future[None] = self._loop.create_future()
        descriptor = connection.fileno()

        def readable() -> None:
            try:
                connection.poll()
            except Exception as error:
                self._loop.remove_reader(descriptor)  # else it would be called for ever
                lost.set_exception(error)
                return
            others = any(word.pid != self._own_voice for word in connection.notifies)
            connection.notifies.clear()
            if others:
                self._tell()

        self._loop.add_reader(descriptor, readable)
        try:
            await lost
        finally:
            self._loop.remove_reader(descriptor)


def _connect(engine: Engine) -> Any:
    """A connection of the driver's own, outside the pool, each statement committed by itself."""
    pooled: Any = engine.raw_connection()
    connection: Any = pooled.dbapi_connection
    pooled.detach()
    connection.autocommit = True
    return connection


def _run(connection: Any, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _drop(connection: Any) -> None:
    if connection is not None:
        with contextlib.suppress(Exception):
            connection.close()
