"""PostgreSQL's LISTEN and NOTIFY as one process uses them: that somebody committed, and words that nobody keeps.

Two connections: saying waits for the server, hearing must not.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from sqlalchemy.engine import Engine

log = structlog.get_logger()

_CHANGED, _WORDS = "baton_changed", "baton_words"
#: One word for all commits of so many seconds. Those that say it wait for each other, so none of the hot ones does.
_GATHER_S = 0.005
#: How often who can't hear looks for itself, and tries to hear again.
_DEAF_STEP_S = 0.2
#: What waits to be said; beyond that the oldest is lost.
_MOST_WORDS = 1_000

Tell = Callable[[], None]


async def _nobody() -> bool:
    return False


class Line:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._loop: asyncio.AbstractEventLoop | None = None
        self._due = asyncio.Event()
        self._changed = False
        self._words: deque[str] = deque(maxlen=_MOST_WORDS)
        self._own_voice: int | None = None
        self._is_saying = False
        self.hears = False
        self.tell: Tell = lambda: None
        self.heard: Callable[[str], None] = lambda word: None
        self.heard_again: Tell = lambda: None
        #: Tells the others of a commit in a quicker way, if there is one and it can be used now.
        self.quicker: Callable[[], Awaitable[bool]] = _nobody

    def committed(self) -> None:
        """From any thread, after each commit; the first of many does it for all."""
        if not self._changed and self._loop is not None:
            self._changed = True
            with contextlib.suppress(RuntimeError):  # the loop has ended: nobody is there to be told
                self._loop.call_soon_threadsafe(self._due.set)

    def say(self, word: str) -> None:
        """To the other processes, on the loop. At most 8,000 bytes: PostgreSQL takes no more."""
        self._words.append(word)
        self._due.set()

    def has_said_all(self) -> bool:
        return not self._words and not self._is_saying

    async def run(self) -> None:
        """Until cancelled."""
        self._loop, self._changed = asyncio.get_running_loop(), False
        tasks = [asyncio.create_task(work, name="line") for work in (self._say(), self._hear())]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.hears = False

    async def _say(self) -> None:
        """Tells this process at once, and the others in a transaction of its own."""
        connection: Any = None
        try:
            while True:
                await self._due.wait()
                self._due.clear()
                changed, self._changed = self._changed, False
                words, self._is_saying = list(self._words), bool(self._words)
                self._words.clear()
                if changed:
                    self.tell()
                    changed = not await self.quicker()
                if not changed and not words:
                    await asyncio.sleep(_GATHER_S)
                    continue
                try:
                    connection = connection or await asyncio.to_thread(_connect, self._engine)
                    self._own_voice = connection.info.backend_pid
                    await asyncio.to_thread(_notify, connection, changed, words)
                except Exception:  # who is not told looks for itself
                    _drop(connection)
                    connection = None
                finally:
                    self._is_saying = False
                await asyncio.sleep(_GATHER_S)
        finally:
            _drop(connection)

    async def _hear(self) -> None:
        """Listens; where the connection is lost, looks now and then, until there is another."""
        heard = True
        while True:
            self.tell()  # something may have been said while nobody listened
            connection: Any = None
            try:
                connection = await asyncio.to_thread(_connect, self._engine)
                await asyncio.to_thread(_run, connection, f"LISTEN {_WORDS}; LISTEN {_CHANGED}")
                self.hears = heard = True
                self.tell()
                self.heard_again()
                await self._until_lost(connection)
            except Exception as error:
                if heard:  # said once, not at each try
                    log.warning("changes_not_heard", error=type(error).__name__)
                heard = False
            finally:
                self.hears = False
                _drop(connection)
            await asyncio.sleep(_DEAF_STEP_S)

    async def _until_lost(self, connection: Any) -> None:
        loop = asyncio.get_running_loop()
        lost: asyncio.Future[None] = loop.create_future()
        descriptor = connection.fileno()

        def readable() -> None:
            try:
                connection.poll()
            except Exception as error:
                loop.remove_reader(descriptor)  # else it would be called for ever
                lost.set_exception(error)
                return
            others = [word for word in connection.notifies if word.pid != self._own_voice]
            connection.notifies.clear()
            if any(word.channel == _CHANGED for word in others):
                self.tell()
            for word in others:
                if word.channel == _WORDS:
                    self.heard(word.payload)

        loop.add_reader(descriptor, readable)
        try:
            await lost
        finally:
            loop.remove_reader(descriptor)


def _connect(engine: Engine) -> Any:
    """A connection of the driver's own, outside the pool, each statement committed by itself."""
    pooled: Any = engine.raw_connection()
    connection: Any = pooled.dbapi_connection
    pooled.detach()
    connection.autocommit = True
    return connection


def _notify(connection: Any, changed: bool, words: list[str]) -> None:
    told = [(_WORDS, word) for word in words] + ([(_CHANGED, "")] if changed else [])
    with connection.cursor() as cursor:
        channels, payloads = [channel for channel, _ in told], [payload for _, payload in told]
        cursor.execute("SELECT pg_notify(c, p) FROM unnest(%s::text[], %s::text[]) AS t(c, p)", (channels, payloads))


def _run(connection: Any, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _drop(connection: Any) -> None:
    if connection is not None:
        with contextlib.suppress(Exception):
            connection.close()
