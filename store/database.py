"""One database, two kinds: SQLite with one writer at a time, PostgreSQL with as many as it likes.

Reads run in a small pool of threads, each in one snapshot. On SQLite every write goes through one thread, which commits
what is waiting together; on PostgreSQL each is a transaction of its own, in threads that accepting does not share.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from conversation.said import say
from store import audit, deeds, engines
from store.engines import BUSY_TIMEOUT_S, sqlite_url
from store.failures import CommitUnknown, DatabaseClosed, DatabaseUnavailable, persistently
from store.group_commit import FIRST, NORMAL, Turn, Writer
from store.turns import WritersTurn

__all__ = ["CommitUnknown", "Database", "DatabaseClosed", "DatabaseUnavailable", "Job", "sqlite_url"]

T = TypeVar("T")
Job = Callable[..., T]

READERS = 4
#: Threads that write to PostgreSQL: for accepting webhooks, and for everything else.
WRITERS = {FIRST: 12, NORMAL: 6}


class _NobodyElse:
    """Where the database itself lets many write, or nobody else can."""

    def held(self) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def close(self) -> None:
        pass


def _turn_of(engine: Engine) -> Turn:
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    return WritersTurn(Path(file), BUSY_TIMEOUT_S) if file and file != ":memory:" else _NobodyElse()


class Database:
    """`read` and `write` run a function of a transaction, off the event loop; `now` variants run it here.

    The function may be run more than once before it is committed once: it lost a race, or its connection.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = engines.engine_for(url, connections=READERS + sum(WRITERS.values()))
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._snapshots = self.engine if self.is_sqlite else _snapshots(self.engine)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="db-read")
        self._writer: Writer | None = None
        self._writers: dict[int, ThreadPoolExecutor] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._turn = _turn_of(self.engine)
        self._told: list[Callable[[], None]] = []

    async def read(self, job: Job[T], *args: Any, **kwargs: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(
            self._readers, lambda: self.read_now(job, *args, **kwargs)
        )

    async def write(self, job: Job[T], *args: Any, first: bool = False, **kwargs: Any) -> T:
        """The job's result, once it is committed. `first`: before whatever else is waiting (accepting webhooks).

        The deed in hand, if there is one, is written to the audit log in the same transaction.
        """
        deed = deeds.in_hand()

        def doing(tx: Connection) -> T:
            result = job(tx, *args, **kwargs)
            if deed is not None:
                audit.append(tx, deed)
            return result

        future = self._submit(doing, FIRST if first else NORMAL)
        # A cancelled caller must not leave its write half known: the write goes on, only the waiting ends.
        result = await asyncio.shield(asyncio.wrap_future(future))
        if deed is not None:
            deed.is_recorded = True
        return result

    def read_now(self, job: Job[T], *args: Any, **kwargs: Any) -> T:
        def once() -> T:
            with _connected(self._snapshots) as connection, connection.begin():
                return job(connection, *args, **kwargs)

        return persistently(once)

    def write_now(self, job: Job[T], *args: Any, **kwargs: Any) -> T:
        def once() -> T:
            with _connected(self.engine) as connection, self._turn.held():
                writing = connection.execution_options(writes=True)
                with _committed(writing):
                    return job(writing, *args, **kwargs)

        result = persistently(once)
        for tell in list(self._told):
            tell()
        return result

    @contextlib.contextmanager
    def telling_of_commits(self, tell: Callable[[], None]) -> Iterator[None]:
        """`tell` is called after each commit of ours, by whichever thread made it. Not on SQLite, which counts them."""
        self._told.append(tell)
        try:
            yield
        finally:
            self._told.remove(tell)

    @contextlib.contextmanager
    def alone(self) -> Iterator[Any]:
        """The driver's own connection, outside of any transaction, while nobody else writes: for what SQLite does only
        so."""
        connection = self.engine.raw_connection()
        try:
            with self._turn.held():
                yield connection
        finally:
            connection.close()

    def durability(self) -> dict[str, str]:
        """What the open database says of power cuts; see `engines.durability`."""
        return self.read_now(engines.durability)

    def close(self) -> None:
        with self._lock:
            self._closed = True
        if self._writer is not None:
            self._writer.stop()
        for writers in self._writers.values():
            writers.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        self.engine.dispose()
        self._turn.close()

    def _submit(self, job: Job[T], priority: int) -> concurrent.futures.Future[T]:
        with self._lock:
            if self._closed:
                raise DatabaseClosed("the database is closed")
            if self.is_sqlite:
                self._writer = self._writer or Writer(self.engine, self._turn)
                return self._writer.submit(job, priority)
            if priority not in self._writers:
                self._writers[priority] = ThreadPoolExecutor(WRITERS[priority], thread_name_prefix="db-write")
            return self._writers[priority].submit(self.write_now, job)


def _snapshots(engine: Engine) -> Engine:
    """The same connections, for reading: all of a transaction's questions are answered as of one moment, as on SQLite.

    Otherwise a turn could see a mail as it was before a person had the conversation, and the conversation as it was
    afterwards.
    """
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


@contextlib.contextmanager
def _connected(engine: Engine) -> Iterator[Connection]:
    try:
        connection = engine.connect()
    except sa.exc.OperationalError as error:
        if engine.dialect.name == "sqlite":
            raise
        why = str(error.orig).strip()
        raise DatabaseUnavailable(say("The database can't be reached: {why}", why=why)) from error
    with connection:
        yield connection


@contextlib.contextmanager
def _committed(connection: Connection) -> Iterator[None]:
    """A transaction; losing the connection in its commit is told apart, for then it must not be run again."""
    transaction = connection.begin()
    try:
        yield
    except BaseException:
        transaction.rollback()
        raise
    try:
        transaction.commit()
    except sa.exc.DBAPIError as error:
        if error.connection_invalidated:
            raise CommitUnknown(say("The connection was lost in the commit: it may be there or not.")) from error
        raise
